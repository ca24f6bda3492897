using MqttScion.Mqtt;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>Filters that outlive their last consumer, and messages that are there before the first.</summary>
public sealed class LingeringTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);

    private readonly DropRecorder _drops = new();
    private readonly ManualTime _time = new();
    private SubscriptionHub _hub = null!;
    private FakeLink _link = null!;

    [Fact]
    public async Task Next_consumer_of_a_kept_session_goes_on_where_the_last_stopped()
    {
        Connect();
        var first = Read("t");
        Say("1", "2", "3");
        (await first.NextAsync()).Acknowledge();
        await first.NextAsync();
        await first.DisposeAsync();
        Say("4");
        _time.Advance(Delay / 2);

        await using var next = Read("t");
        Say("5");

        var texts = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var delivery = await next.NextAsync();
            texts.Add(delivery.Message.ConvertPayloadToString());
            delivery.Acknowledge();
        }
        texts.Should().Equal("2", "3", "4", "5");
        _time.Advance(2 * Delay);
        _link.Wire.Should().NotContain("UNSUBSCRIBE t");
        _link.Answers.Should().HaveCount(5).And.OnlyContain(a => a.Reason == MqttClientPublishReasonCode.Success);
        _drops.Reports.Should().BeEmpty();
    }

    [Fact]
    public async Task After_the_delay_the_filter_and_what_waited_are_given_up()
    {
        Connect();
        var reader = Read("t");
        Say("1", "2");
        await reader.NextAsync();
        await reader.DisposeAsync();
        Say("3");
        (_link.Answers.Count, _link.Wire.Count).Should().Be((0, 1));

        _time.Advance(Delay);

        _link.Answers.Should().Equal(
            ((ushort)1, MqttClientPublishReasonCode.UnspecifiedError),
            ((ushort)2, MqttClientPublishReasonCode.UnspecifiedError),
            ((ushort)3, MqttClientPublishReasonCode.Success));
        _drops.Reports.Should().Equal("NotAcknowledged t 1", "NotAcknowledged t 2", "NoSubscription  3");
        _link.Wire[^1].Should().Be("UNSUBSCRIBE t");
    }

    [Fact]
    public async Task Disconnect_before_the_delay_leaves_all_to_the_session()
    {
        Connect();
        var reader = Read("t");
        Say("1", "2");
        await reader.DisposeAsync();

        _link.IsGone = true;
        _hub.OnDisconnected(_link);
        _hub.OnConnectionOver(new MqttNotConnectedException("over"));
        _time.Advance(2 * Delay);

        (_link.Answers.Count, _link.GivenBack.Count, _drops.Reports.Count).Should().Be((0, 2, 0));
        _link.Wire.Should().NotContain("UNSUBSCRIBE t");
    }

    [Fact]
    public async Task Reader_that_has_ended_may_acknowledge_until_the_next_has_the_message()
    {
        Connect();
        var first = Read("t");
        Say("1", "2");
        var one = await first.NextAsync();
        var two = await first.NextAsync();
        await first.DisposeAsync();

        one.Acknowledge();
        await using var next = Read("t");
        two.Acknowledge();

        _link.Answers.Should().Equal(((ushort)1, MqttClientPublishReasonCode.Success));
        (await next.TextsAsync(1)).Should().Equal("2");
    }

    [Fact]
    public async Task Handler_that_is_cancelled_leaves_its_message_to_the_next()
    {
        Connect();
        var entered = new TaskCompletionSource();
        var left = new TaskCompletionSource();
        var handler = _hub.Handle(Messages.Filter("t", 1), null, async (_, stop) =>
        {
            entered.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, stop);
            }
            finally
            {
                left.SetResult();
            }
        });
        _link.Grant();
        Say("1", "2");
        await entered.Task.WaitAsync(ScriptedConnection.Patience);

        handler.Dispose();
        await left.Task.WaitAsync(ScriptedConnection.Patience);
        await using var next = Read("t");

        var texts = await next.TextsAsync(2); // The handler's end and the next reader's begin are not in step.
        texts.Should().BeEquivalentTo("1", "2");
        (_link.Answers.Count, _drops.Reports.Count).Should().Be((0, 0));
    }

    [Theory]
    [InlineData(true, "t", true)]
    [InlineData(false, "t", false)]
    [InlineData(false, "$share/g/t", true)]
    public async Task Filters_linger_in_a_kept_session_and_shared_ones_in_any(bool isKept, string filter, bool lingers)
    {
        Connect(isKept);
        var reader = Read(filter);
        Say("1");

        await reader.DisposeAsync();

        _link.Wire.Contains($"UNSUBSCRIBE {filter}").Should().Be(!lingers);
        _link.Answers.IsEmpty.Should().Be(lingers);
    }

    [Fact]
    public async Task Filter_that_only_lingers_can_be_asked_for_with_other_options()
    {
        Connect();
        var reader = Read("t");
        await reader.DisposeAsync();

        using var other = _hub.Messages(new MqttTopicFilter { Topic = "t", NoLocal = true }).Subscribe(_ => { });

        _link.Wire.Should().Equal(
            "SUBSCRIBE t QoS 1 SendAtSubscribe", "UNSUBSCRIBE t", "SUBSCRIBE t QoS 1 SendAtSubscribe");
    }

    [Fact]
    public async Task Consumer_that_comes_while_a_filter_lingers_gets_the_retained_messages()
    {
        Connect();
        var reader = Read("t");
        await reader.DisposeAsync();

        await using var next = Read("t");

        _link.Wire.Should().Equal("SUBSCRIBE t QoS 1 SendAtSubscribe", "SUBSCRIBE t QoS 1 SendAtSubscribe");
    }

    [Fact]
    public async Task Process_that_stops_refuses_and_unsubscribes_nothing()
    {
        Connect(isKept: false);
        var reader = Read("t");
        var failing = _hub.Handle(Messages.Filter("u", 1), null, (_, _) => throw new InvalidDataException());
        _link.Grant();
        Say("1");

        _hub.OnStopping();
        await reader.DisposeAsync();
        _link.Say("u", "2", qos: 1);
        await Jobs.ConditionAsync(() => !_drops.Reports.IsEmpty);
        failing.Dispose();
        _time.Advance(2 * Delay);

        _link.Answers.Should().BeEmpty();
        _drops.Reports.Should().Equal("ObserverFailed u 2");
        _link.Wire.Should().NotContain(w => w.StartsWith("UNSUBSCRIBE", StringComparison.Ordinal));
    }

    [Fact]
    public void Messages_of_a_resumed_session_wait_for_who_subscribes_and_then_are_dropped()
    {
        Connect(isSessionPresent: true);
        Say("1");
        _link.Say("t", "2");
        (_link.Answers.Count, _drops.Reports.Count).Should().Be((0, 0));

        _time.Advance(Wait);

        _link.Answers.Should().Equal(((ushort)1, MqttClientPublishReasonCode.Success));
        _drops.Reports.Should().Equal("NoSubscription  1", "NoSubscription  2");
    }

    [Fact]
    public async Task Wait_of_a_process_that_starts_begins_when_it_has_started()
    {
        Connect(isSessionPresent: true, isStarting: true);
        Say("1");
        _time.Advance(10 * Wait);
        _link.Answers.Should().BeEmpty();

        _hub.OnStarted();
        _time.Advance(Wait / 2);
        await using var reader = Read("t");
        Say("2");

        (await reader.TextsAsync(2)).Should().Equal("1", "2");
        _time.Advance(Wait);
        _drops.Reports.Should().BeEmpty();
    }

    [Fact]
    public async Task Message_of_a_resumed_session_that_crossed_our_UNSUBSCRIBE_is_answered_at_once()
    {
        Connect(isSessionPresent: true);
        var reader = Read("t");
        await reader.DisposeAsync();
        _time.Advance(Delay);
        _link.Wire[^1].Should().Be("UNSUBSCRIBE t");

        Say("1");

        _link.Answers.Should().Equal(((ushort)1, MqttClientPublishReasonCode.Success));
    }

    [Fact]
    public async Task Filter_of_an_earlier_process_is_unsubscribed_by_name_and_one_in_use_is_not()
    {
        Connect(isSessionPresent: true);
        await using var reader = Read("used");

        var unsubscribing = _hub.UnsubscribeAsync("left/#");
        _link.AnswerUnsubscribe().Should().BeTrue();
        await unsubscribing.WaitAsync(ScriptedConnection.Patience);

        _link.Wire[^1].Should().Be("UNSUBSCRIBE left/#");
        await FluentActions.Awaiting(() => _hub.UnsubscribeAsync("used"))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("'used' is in use*");
    }

    private void Connect(bool isKept = true, bool isSessionPresent = false, bool isStarting = false)
    {
        var settings = TestSettings.With(o =>
        {
            o.MaxQueuedMessages = 100;
            o.MaxQueuedBytes = 1 << 20;
            o.CleanStart = !isKept;
            o.UnsubscribeDelay = Delay;
            o.ResumedMessagesWait = Wait;
        }) with
        {
            Mqtt = new MqttSessionOptions { ClientId = "c", SessionExpiryInterval = TimeSpan.FromHours(1) },
        };
        _hub = new SubscriptionHub(settings, _drops, _time);
        if (isStarting)
        {
            _hub.AwaitStart();
        }
        _link = new FakeLink(_hub);
        _hub.OnConnected(_link, isSessionPresent, isKnown: false);
    }

    private DeliveryReader Read(string filter)
    {
        var reader = new DeliveryReader(_hub.Read(Messages.Filter(filter, 1), _hub.BoundsOf(null)));
        _link.Grant();
        return reader;
    }

    private void Say(params string[] payloads)
    {
        foreach (var payload in payloads)
        {
            _link.Say("t", payload, qos: 1);
        }
    }
}
