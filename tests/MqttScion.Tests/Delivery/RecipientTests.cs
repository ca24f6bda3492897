using System.Collections.Concurrent;
using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>Bounds, overflow and acknowledgements of the three kinds of consumers, without a network.</summary>
public sealed class RecipientTests
{
    private readonly DropRecorder _drops = new();
    private SubscriptionHub _hub = null!;
    private FakeLink _link = null!;

    [Fact]
    public async Task DropNewest_keeps_the_first_and_acknowledges_and_reports_the_rest()
    {
        Connect();
        await using var reader = Read(MqttOverflow.DropNewest, count: 2);

        SayAll(qos: 1, "1", "2", "3", "4");

        (await reader.TextsAsync(2)).Should().Equal("1", "2");
        _drops.Reports.Should().Equal("QueueFull t 3", "QueueFull t 4");
        _link.Answers.Should().Equal(
            Enumerable.Range(1, 4).Select(i => ((ushort)i, MqttClientPublishReasonCode.Success)));
    }

    [Fact]
    public async Task DropOldest_keeps_the_last_and_acknowledges_and_reports_the_rest()
    {
        Connect();
        await using var reader = Read(MqttOverflow.DropOldest, count: 2);

        SayAll(qos: 1, "1", "2", "3", "4");

        (await reader.TextsAsync(2)).Should().Equal("3", "4");
        _drops.Reports.Should().Equal("QueueFull t 1", "QueueFull t 2");
        _link.Answers.Should().HaveCount(4);
    }

    [Fact]
    public async Task DropOldest_makes_room_in_bytes_too()
    {
        Connect();
        await using var reader = Read(MqttOverflow.DropOldest, count: 100, bytes: 4);

        SayAll(qos: 0, "11", "22", "33", "4");

        (await reader.TextsAsync(2)).Should().Equal("33", "4");
        _drops.Reports.Should().Equal("QueueFull t 11", "QueueFull t 22");
    }

    [Fact]
    public async Task PauseAcknowledgements_drops_QoS_0_beyond_the_bound_and_holds_QoS_1_unacknowledged()
    {
        Connect();
        await using var reader = Read(MqttOverflow.PauseAcknowledgements, count: 1);

        SayAll(qos: 0, "a", "b");
        SayAll(qos: 1, "1", "2", "3");

        _link.Answers.Should().BeEmpty();
        _drops.Reports.Should().Equal("QueueFull t b");
        (await reader.TextsAsync(4)).Should().Equal("a", "1", "2", "3");
    }

    [Fact]
    public async Task Answers_go_out_once_and_with_the_first_word()
    {
        Connect();
        await using var reader = Read();
        SayAll(qos: 1, "1", "2", "3");
        var first = await reader.NextAsync();
        var second = await reader.NextAsync();
        var third = await reader.NextAsync();

        second.Reject(MqttClientPublishReasonCode.NotAuthorized);
        second.Acknowledge();
        first.Acknowledge();
        first.Reject();
        third.Reject();

        _link.Answers.Should().Equal(
            ((ushort)2, MqttClientPublishReasonCode.NotAuthorized),
            ((ushort)1, MqttClientPublishReasonCode.Success),
            ((ushort)3, MqttClientPublishReasonCode.UnspecifiedError));
        _drops.Reports.Should().BeEmpty();
    }

    [Theory]
    [InlineData(MqttClientPublishReasonCode.Success)]
    [InlineData(MqttClientPublishReasonCode.PacketIdentifierNotFound)]
    [InlineData(MqttClientPublishReasonCode.OutboxFull)]
    public async Task Reject_with_a_code_that_is_no_failure_of_PUBACK_throws(MqttClientPublishReasonCode reason)
    {
        Connect();
        await using var reader = Read();
        SayAll(qos: 1, "1");
        var delivery = await reader.NextAsync();

        var act = () => delivery.Reject(reason);

        act.Should().Throw<ArgumentOutOfRangeException>();
        delivery.Acknowledge();
        _link.Answers.Should().Equal(((ushort)1, MqttClientPublishReasonCode.Success));
    }

    [Fact]
    public async Task Message_that_one_consumer_took_is_acknowledged_although_another_rejected_it()
    {
        Connect();
        await using var one = Read();
        await using var other = Read();
        SayAll(qos: 1, "1");

        (await one.NextAsync()).Reject();
        _link.Answers.Should().BeEmpty();
        (await other.NextAsync()).Acknowledge();

        _link.Answers.Should().Equal(((ushort)1, MqttClientPublishReasonCode.Success));
    }

    [Fact]
    public async Task Reader_that_ends_refuses_and_reports_what_it_did_not_acknowledge_or_read()
    {
        Connect();
        var reader = Read();
        SayAll(qos: 1, "1", "2", "3");
        SayAll(qos: 0, "4");
        (await reader.NextAsync()).Acknowledge();
        var left = await reader.NextAsync();

        await reader.DisposeAsync();
        left.Acknowledge();

        _link.Answers.Should().BeEquivalentTo(new[]
        {
            ((ushort)1, MqttClientPublishReasonCode.Success),
            ((ushort)2, MqttClientPublishReasonCode.UnspecifiedError),
            ((ushort)3, MqttClientPublishReasonCode.UnspecifiedError),
        });
        _drops.Reports.Should().BeEquivalentTo("NotAcknowledged t 2", "NotAcknowledged t 3");
        _link.Wire[^1].Should().Be("UNSUBSCRIBE t");
    }

    [Fact]
    public async Task Reader_that_ends_gives_back_what_it_held_and_refuses_what_it_never_gave_with_Disconnect()
    {
        Connect(ObserverFailureAction.Disconnect);
        var reader = Read();
        SayAll(qos: 1, "1", "2");
        await reader.NextAsync();

        await reader.DisposeAsync();

        _link.GivenBack.Select(d => d.PacketId).Should().Equal((ushort)1);
        _link.Answers.Should().Equal(((ushort)2, MqttClientPublishReasonCode.UnspecifiedError));
    }

    [Fact]
    public async Task Reader_that_waits_is_cancelled()
    {
        Connect();
        using var cancellation = new CancellationTokenSource();
        await using var reader = new DeliveryReader(
            _hub.Read(Messages.Filter("t", 1), _hub.BoundsOf(null)), cancellation.Token);
        var waiting = reader.NextAsync();

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task Reader_gives_what_came_before_the_end_and_then_the_reason()
    {
        Connect();
        await using var reader = Read();
        SayAll(qos: 1, "1");

        _hub.OnConnectionOver(new MqttNotConnectedException("over"));

        (await reader.TextsAsync(1)).Should().Equal("1");
        await FluentActions.Awaiting(reader.NextAsync).Should().ThrowAsync<MqttNotConnectedException>();
    }

    [Fact]
    public async Task Handlers_run_one_message_at_a_time_in_order_and_acknowledge_at_their_end()
    {
        Connect();
        var gates = new ConcurrentQueue<TaskCompletionSource>();
        var seen = System.Threading.Channels.Channel.CreateUnbounded<string>();
        using var handler = _hub.Handle(Messages.Filter("t", 1), null, async (delivery, _) =>
        {
            var gate = new TaskCompletionSource();
            gates.Enqueue(gate);
            seen.Writer.TryWrite(delivery.Message.ConvertPayloadToString());
            await gate.Task;
        });
        _link.Grant();
        SayAll(qos: 1, "1", "2");

        (await seen.Reader.NextAsync()).Should().Be("1");
        (seen.Reader.Count, _link.Answers.Count).Should().Be((0, 0));
        gates.TryDequeue(out var first).Should().BeTrue();
        first!.SetResult();
        (await seen.Reader.NextAsync()).Should().Be("2");
        _link.Answers.Should().Equal(((ushort)1, MqttClientPublishReasonCode.Success));
        gates.TryDequeue(out var second).Should().BeTrue();
        second!.SetResult();
    }

    [Fact]
    public async Task Handler_that_throws_refuses_the_message_and_goes_on_with_the_next()
    {
        Connect();
        using var handler = _hub.Handle(Messages.Filter("t", 1), null, (delivery, _) =>
            delivery.Message.ConvertPayloadToString() == "1" ? throw new InvalidDataException() : default);
        _link.Grant();

        SayAll(qos: 1, "1", "2");

        await _link.WhenAnsweredAsync(2);
        _link.Answers.Should().Equal(
            ((ushort)1, MqttClientPublishReasonCode.UnspecifiedError),
            ((ushort)2, MqttClientPublishReasonCode.Success));
        _drops.Reports.Should().Equal("ObserverFailed t 1");
    }

    [Fact]
    public async Task Message_that_waits_for_a_hand_when_its_handler_is_disposed_is_not_begun()
    {
        Connect();
        var gate = new TaskCompletionSource();
        var seen = new ConcurrentQueue<string>();
        var isFull = new TaskCompletionSource();
        var handler = _hub.Handle(
            Messages.Filter("t", 1),
            new MqttDeliveryOptions { MaxConcurrency = 2 },
            async (delivery, _) =>
            {
                seen.Enqueue(delivery.Message.ConvertPayloadToString());
                if (seen.Count == 2)
                {
                    isFull.TrySetResult();
                }
                await gate.Task;
            });
        _link.Grant();
        SayAll(qos: 1, "1", "2", "3");
        await isFull.Task.WaitAsync(ScriptedConnection.Patience);

        handler.Dispose();
        gate.SetResult();

        await _link.WhenAnsweredAsync(3);
        seen.Should().BeEquivalentTo("1", "2");
        _link.Answers.Should().Contain(((ushort)3, MqttClientPublishReasonCode.UnspecifiedError));
    }

    [Fact]
    public async Task Handler_may_dispose_its_own_subscription_and_its_token_is_cancelled()
    {
        Connect();
        HandlerRecipient? handler = null;
        var cancelled = new TaskCompletionSource();
        handler = _hub.Handle(Messages.Filter("t", 1), null, async (_, token) =>
        {
            handler!.Dispose();
            await Task.Delay(Timeout.Infinite, token).ContinueWith(_ => cancelled.SetResult(), TaskScheduler.Default);
        });
        _link.Grant();

        SayAll(qos: 1, "1", "2");

        await cancelled.Task.WaitAsync(ScriptedConnection.Patience);
        await handler.Completion.WaitAsync(ScriptedConnection.Patience);
        await _link.WhenAnsweredAsync(2);
        _link.Answers.Should().BeEquivalentTo(new[]
        {
            ((ushort)1, MqttClientPublishReasonCode.Success),
            ((ushort)2, MqttClientPublishReasonCode.UnspecifiedError),
        });
    }

    [Fact]
    public async Task Handler_of_a_filter_that_is_refused_later_ends_with_the_reason()
    {
        Connect();
        using var handler = _hub.Handle(Messages.Filter("t", 1), null, (_, _) => default);
        _link.Grant();
        var next = new FakeLink(_hub);
        _hub.OnConnected(next, isSessionPresent: false, isKnown: false);

        next.Grant(MqttClientSubscribeResultCode.NotAuthorized);

        await FluentActions.Awaiting(() => handler.Completion.WaitAsync(ScriptedConnection.Patience))
            .Should().ThrowAsync<MqttSubscribeRefusedException>();
    }

    [Theory]
    [InlineData(false, MqttClientPublishReasonCode.UnspecifiedError)]
    [InlineData(true, MqttClientPublishReasonCode.Success)]
    public async Task Observer_that_throws_is_detached_and_refuses_what_nobody_else_took(
        bool isOtherThere, MqttClientPublishReasonCode answer)
    {
        Connect();
        using var failing = _hub.Messages(Messages.Filter("t", 1)).Subscribe(_ => throw new InvalidDataException());
        using var other = isOtherThere ? _hub.Messages(Messages.Filter("t", 1)).Subscribe(_ => { }) : null;
        _link.Grant();

        SayAll(qos: 1, "1");
        await _link.WhenAnsweredAsync(1);

        _link.Answers.Should().Equal(((ushort)1, answer));
        _drops.Reports.Should().Equal("ObserverFailed t 1");
    }

    [Fact]
    public async Task Observer_that_throws_alone_gives_its_message_back_with_Disconnect()
    {
        Connect(ObserverFailureAction.Disconnect);
        using var failing = _hub.Messages(Messages.Filter("t", 1)).Subscribe(_ => throw new InvalidDataException());
        _link.Grant();

        SayAll(qos: 1, "1");

        await _link.WhenGivenBackAsync();
        _link.Answers.Should().BeEmpty();
    }

    [Fact]
    public async Task Observer_that_is_disposed_leaves_its_unread_messages_acknowledged_and_reported()
    {
        Connect();
        using var gate = new SemaphoreSlim(0);
        using var entered = new SemaphoreSlim(0);
        var observer = _hub.Messages(Messages.Filter("t", 1)).Subscribe(_ =>
        {
            entered.Release();
            gate.Wait(ScriptedConnection.Patience).Should().BeTrue();
        });
        _link.Grant();
        SayAll(qos: 1, "1", "2");
        (await entered.WaitAsync(ScriptedConnection.Patience)).Should().BeTrue();

        observer.Dispose();
        gate.Release();

        await _link.WhenAnsweredAsync(2);
        _link.Answers.Should().OnlyContain(a => a.Reason == MqttClientPublishReasonCode.Success);
        _drops.Reports.Should().Equal("NoSubscription  2");
    }

    [Theory]
    [InlineData(0, 1L, 1, "MaxQueuedMessages: expected 1 to 1000000, found 0.*")]
    [InlineData(1_000_001, 1L, 1, "MaxQueuedMessages: *")]
    [InlineData(1, 0L, 1, "MaxQueuedBytes: *")]
    [InlineData(1, 1L, 257, "MaxConcurrency: expected 1 to 256, found 257.*")]
    [InlineData(0, 0L, 1, "MaxQueuedMessages: *found 0. MaxQueuedBytes: *")]
    public void Bounds_out_of_range_are_refused_at_the_call(int count, long bytes, int hands, string expected)
    {
        Connect();

        var act = () => _hub.Messages(
            "t",
            new MqttDeliveryOptions { MaxQueuedMessages = count, MaxQueuedBytes = bytes, MaxConcurrency = hands });

        act.Should().Throw<ArgumentOutOfRangeException>().WithMessage(expected);
    }

    private void Connect(ObserverFailureAction action = ObserverFailureAction.Refuse)
    {
        var settings = TestSettings.With(o =>
        {
            o.MaxQueuedMessages = 100;
            o.MaxQueuedBytes = 1 << 20;
            o.OnObserverFailure = action;
        });
        _hub = new SubscriptionHub(settings, _drops);
        _link = new FakeLink(_hub);
        _hub.OnConnected(_link, isSessionPresent: false, isKnown: false);
    }

    private DeliveryReader Read(
        MqttOverflow overflow = MqttOverflow.PauseAcknowledgements, int count = 100, long bytes = 1 << 20)
    {
        var options = new MqttDeliveryOptions
        {
            Overflow = overflow,
            MaxQueuedMessages = count,
            MaxQueuedBytes = bytes,
        };
        var reader = new DeliveryReader(_hub.Read(Messages.Filter("t", 1), _hub.BoundsOf(options)));
        _link.Grant();
        return reader;
    }

    private void SayAll(int qos, params string[] payloads)
    {
        foreach (var payload in payloads)
        {
            _link.Say("t", payload, qos);
        }
    }
}
