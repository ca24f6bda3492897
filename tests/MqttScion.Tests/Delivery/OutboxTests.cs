using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Mqtt;
using MqttScion.Scion.Tests;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>The outbox alone: its bounds, its policies, lifetimes, and the order of what it gives out.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The fake store holds nothing.")]
public sealed class OutboxTests
{
    private readonly VirtualClock _time = new();
    private readonly DropList _drops = new();
    private readonly FakeStore _store = new();
    private int _notices;

    [Fact]
    public async Task Wait_admits_callers_in_their_order_as_room_comes()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 1);
        var first = await AddAsync(outbox, "1");
        var second = AddAsync(outbox, "2");
        var third = AddAsync(outbox, "3");
        second.IsCompleted.Should().BeFalse();

        outbox.Take().Should().BeSameAs(first);
        outbox.Complete(first, new MqttClientPublishResult());

        Payload((await second).Message).Should().Be("2");
        third.IsCompleted.Should().BeFalse();
        outbox.Complete(outbox.Take()!, new MqttClientPublishResult());
        Payload((await third).Message).Should().Be("3");
    }

    [Fact]
    public async Task Wait_that_is_cancelled_takes_no_room()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 1);
        var first = await AddAsync(outbox, "1");
        using var cancellation = new CancellationTokenSource();
        var cancelled = outbox.AddAsync(Messages.Of("t", "2"), isAwaited: true, cancellation.Token).AsTask();
        var third = AddAsync(outbox, "3");

        await cancellation.CancelAsync();
        outbox.Complete(first, new MqttClientPublishResult());

        await FluentActions.Awaiting(() => cancelled).Should().ThrowAsync<OperationCanceledException>();
        Payload((await third).Message).Should().Be("3");
    }

    [Fact]
    public async Task Wait_that_is_cancelled_holds_up_nobody_behind_it()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 10, maxBytes: 1000);
        await AddAsync(outbox, new string('x', 500));
        using var cancellation = new CancellationTokenSource();
        var large = outbox.AddAsync(
            Messages.Of("t", new string('y', 800)), isAwaited: true, cancellation.Token).AsTask();
        var small = AddAsync(outbox, "small");
        small.IsCompleted.Should().BeFalse("publishes keep their order");

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => large).Should().ThrowAsync<OperationCanceledException>();
        Payload((await small.WaitAsync(ScriptedConnection.Patience)).Message).Should().Be("small");
    }

    [Fact]
    public async Task Waits_that_are_cancelled_leave_nothing_behind()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 1);
        await AddAsync(outbox, "1");

        var message = await CancelAsync(outbox);

        for (var i = 0; i < 100 && message.TryGetTarget(out _); i++)
        {
            await Task.Delay(1); // Off the stacks of what made and cancelled it.
            GC.Collect();
        }
        message.TryGetTarget(out _).Should().BeFalse("nobody will ever send it");
        GC.KeepAlive(outbox);
    }

    [Fact]
    public async Task Answer_and_cancellation_at_the_same_moment_end_the_publish()
    {
        var outbox = Outbox(OutboxOverflow.Wait);
        var token = new CancellationToken(canceled: true);
        using var both = new Barrier(2);
        for (var i = 0; i < 20_000; i++)
        {
            var pending = await AddAsync(outbox, "1", qos: 1);
            outbox.Take();
            var publish = pending.AsValueTask();

            var cancelling = Task.Run(() =>
            {
                both.SignalAndWait();
                outbox.Abandon(pending, token);
            });
            both.SignalAndWait();
            outbox.Complete(pending, new MqttClientPublishResult());
            await cancelling; // As the end of a publish waits for a cancellation that is under way.

            SpinWait.SpinUntil(() => publish.IsCompleted, ScriptedConnection.Patience).Should().BeTrue();
            _ = publish.IsCompletedSuccessfully ? await publish : null;
        }
    }

    [Fact]
    public async Task Bytes_are_bounded_too()
    {
        var outbox = Outbox(OutboxOverflow.Fail, maxCount: 10, maxBytes: 1000);
        await AddAsync(outbox, new string('x', 5000)); // Alone, a message of any size is taken.

        var act = () => AddAsync(outbox, "y");

        await act.Should().ThrowAsync<MqttOutboxFullException>().WithMessage("*MaxPendingBytes*1000*");
    }

    [Fact]
    public async Task DropNewest_leaves_the_new_one_out_and_says_so()
    {
        var outbox = Outbox(OutboxOverflow.DropNewest, maxCount: 1);
        await AddAsync(outbox, "1");

        var result = await (await AddAsync(outbox, "2")).AsValueTask();

        result.ReasonCode.Should().Be(MqttClientPublishReasonCode.OutboxFull);
        result.IsSuccess.Should().BeFalse();
        _drops.Reports.Should().Equal((MessageDropReason.OutboxFull, "2"));
        Payload(outbox.Take()!.Message).Should().Be("1");
    }

    [Fact]
    public async Task DropOldest_makes_room_with_what_is_not_on_its_way()
    {
        var outbox = Outbox(OutboxOverflow.DropOldest, maxCount: 3);
        await AddAsync(outbox, "on its way");
        outbox.Take();
        var oldest = await AddAsync(outbox, "oldest");
        await AddAsync(outbox, "middle");

        await AddAsync(outbox, "new");

        (await oldest.AsValueTask()).ReasonCode.Should().Be(MqttClientPublishReasonCode.OutboxFull);
        _drops.Reports.Should().Equal((MessageDropReason.OutboxFull, "oldest"));
        Payload(outbox.Take()!.Message).Should().Be("middle");
        Payload(outbox.Take()!.Message).Should().Be("new");
    }

    [Fact]
    public async Task DropOldest_leaves_the_new_one_out_when_all_are_on_their_way()
    {
        var outbox = Outbox(OutboxOverflow.DropOldest, maxCount: 1);
        await AddAsync(outbox, "1");
        outbox.Take();

        var result = await (await AddAsync(outbox, "2")).AsValueTask();

        result.ReasonCode.Should().Be(MqttClientPublishReasonCode.OutboxFull);
    }

    [Fact]
    public async Task Message_whose_lifetime_ends_while_it_waits_is_given_up_then()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 2);
        var dying = await outbox.AddAsync(Messages.Of("t", "dies", expiry: 5), isAwaited: true, default);
        var expiring = dying.AsValueTask().AsTask();
        await AddAsync(outbox, "lives");
        var waiting = AddAsync(outbox, "waits");
        _time.Advance(TimeSpan.FromSeconds(4));
        expiring.IsCompleted.Should().BeFalse();

        _time.Advance(TimeSpan.FromSeconds(1));

        (await expiring).ReasonCode.Should().Be(MqttClientPublishReasonCode.MessageExpired);
        _drops.Reports.Should().Equal((MessageDropReason.Expired, "dies"));
        await waiting;
        Payload(outbox.Take()!.Message).Should().Be("lives");
    }

    [Fact]
    public async Task Age_is_the_time_in_the_outbox()
    {
        var outbox = Outbox(OutboxOverflow.Wait);
        var pending = await outbox.AddAsync(Messages.Of("t", "1", expiry: 9), isAwaited: true, default);

        _time.Advance(TimeSpan.FromSeconds(3));

        outbox.AgeOf(pending).Should().Be(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Abandoned_publish_frees_its_room_unless_it_is_on_its_way()
    {
        var outbox = Outbox(OutboxOverflow.Fail, maxCount: 1);
        outbox.Abandon(await AddAsync(outbox, "1"), new CancellationToken(canceled: true));
        var second = await AddAsync(outbox, "2");
        outbox.Take().Should().BeSameAs(second);

        outbox.Abandon(second, new CancellationToken(canceled: true));

        await FluentActions.Awaiting(() => AddAsync(outbox, "3")).Should().ThrowAsync<MqttOutboxFullException>();
    }

    [Fact]
    public async Task Refusal_of_a_publish_that_nobody_awaits_is_reported()
    {
        var outbox = Outbox(OutboxOverflow.Wait);
        var pending = await outbox.AddAsync(Messages.Of("t", "1", qos: 1), isAwaited: false, default);
        outbox.Take();

        outbox.Complete(pending, new MqttClientPublishResult
        {
            ReasonCode = MqttClientPublishReasonCode.NotAuthorized,
        });

        _drops.Reports.Should().Equal((MessageDropReason.Refused, "1"));
    }

    [Fact]
    public async Task Stored_publish_is_given_out_when_it_is_durable_and_never_before_one_in_front()
    {
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);
        var first = await AddAsync(outbox, "1", qos: 2);
        var second = await AddAsync(outbox, "2", qos: 1);
        await AddAsync(outbox, "3"); // QoS 0 is not stored, but keeps its place.
        outbox.Take().Should().BeNull();

        _store.Append(1).SetResult();
        await second.Storing;
        outbox.Take().Should().BeNull();
        _store.Append(0).SetResult();
        await first.Storing;

        Payload(outbox.Take()!.Message).Should().Be("1");
        Payload(outbox.Take()!.Message).Should().Be("2");
        Payload(outbox.Take()!.Message).Should().Be("3");
        outbox.Take().Should().BeNull();
    }

    [Fact]
    public async Task Store_that_fails_fails_the_publish_and_no_other()
    {
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);
        var failing = await AddAsync(outbox, "1", qos: 1);
        var second = await AddAsync(outbox, "2", qos: 1);

        _store.Append(0).SetException(new IOException("disk full"));
        _store.Append(1).SetResult();
        await Task.WhenAll(failing.Storing, second.Storing);

        await FluentActions.Awaiting(() => failing.AsValueTask().AsTask()).Should().ThrowAsync<IOException>();
        Payload(outbox.Take()!.Message).Should().Be("2");
    }

    [Fact]
    public async Task Store_that_fails_a_publish_lets_those_behind_it_go()
    {
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);
        var failing = await AddAsync(outbox, "1", qos: 1);
        await AddAsync(outbox, "2");
        _notices = 0;

        _store.Append(0).SetException(new IOException("disk full"));
        await failing.Storing;

        _notices.Should().BePositive("nobody else wakes the loop for what waited behind it");
        Payload(outbox.Take()!.Message).Should().Be("2");
    }

    [Fact]
    public async Task Stored_QoS_2_publishes_have_identifiers_of_their_own_and_restored_ones_keep_theirs()
    {
        _store.Stored.Add(new StoredPublish(5, Messages.Of("t", "old", qos: 2), VirtualClock.Start, 8192));
        _store.Stored.Add(new StoredPublish(6, Messages.Of("t", "older", qos: 1), VirtualClock.Start, 0));
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);
        var added = await AddAsync(outbox, "new", qos: 2);
        _store.Append(0).SetResult();
        await added.Storing;

        var taken = Enumerable.Range(0, 3).Select(_ => outbox.Take()!).ToArray();

        taken.Select(p => (p.Sequence, (int)p.PacketId, p.MayHaveBeenSent))
            .Should().Equal((5, 8192, true), (6, 0, false), (7, 8193, false));
    }

    [Fact]
    public async Task Fail_ends_the_wait_and_keeps_what_is_stored()
    {
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);
        var stored = await AddAsync(outbox, "stored", qos: 1);
        var volatileOne = await AddAsync(outbox, "volatile");
        _store.Append(0).SetResult();
        await stored.Storing;

        outbox.Fail(new IOException("over"));

        await FluentActions.Awaiting(() => stored.AsValueTask().AsTask()).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => volatileOne.AsValueTask().AsTask()).Should().ThrowAsync<IOException>();
        outbox.Take().Should().BeSameAs(stored);
        outbox.Take().Should().BeNull();
        await outbox.FlushAsync(default);
        _store.Removed.Should().BeEmpty();
    }

    [Fact]
    public async Task Publish_that_nobody_awaits_is_reported_when_no_connection_is_coming()
    {
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);
        await outbox.AddAsync(Messages.Of("t", "at most once"), isAwaited: false, default);
        var taken = await AddAsync(outbox, "awaited");
        await outbox.AddAsync(Messages.Of("t", "stored", qos: 1), isAwaited: false, default);

        outbox.Fail(new IOException("over"));

        await FluentActions.Awaiting(() => taken.AsValueTask().AsTask()).Should().ThrowAsync<IOException>();
        _drops.Reports.Should().Equal((MessageDropReason.ConnectionEnded, "at most once"));
    }

    [Fact]
    public async Task Publish_that_is_on_its_way_is_reported_when_its_answer_will_not_come_and_only_once()
    {
        var outbox = Outbox(OutboxOverflow.Wait);
        var pending = await outbox.AddAsync(Messages.Of("t", "sent", qos: 2), isAwaited: false, default);
        outbox.Take();

        outbox.Fail(pending, new IOException("over"));
        outbox.Complete(pending, new MqttClientPublishResult
        {
            ReasonCode = MqttClientPublishReasonCode.UnspecifiedError,
        });

        _drops.Reports.Should().Equal((MessageDropReason.ConnectionEnded, "sent"));
    }

    [Fact]
    public async Task Call_that_would_wait_for_room_after_the_end_is_refused()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 1, store: _store);
        await outbox.OpenAsync(default);
        await outbox.AddAsync(Messages.Of("t", "stored", qos: 1), isAwaited: false, default);
        outbox.Fail(new IOException("over"));

        var late = outbox.AddAsync(Messages.Of("t", "late", qos: 1), isAwaited: false, default).AsTask();

        late.IsCompleted.Should().BeTrue("nothing that comes could make room");
        await FluentActions.Awaiting(() => late).Should().ThrowAsync<MqttNotConnectedException>();
    }

    [Fact]
    public async Task Publish_that_comes_after_the_end_is_refused_and_does_not_wait_for_the_next_connect()
    {
        var outbox = Outbox(OutboxOverflow.Wait);
        outbox.Fail(new IOException("over"));

        var late = outbox.AddAsync(Messages.Of("t", "late"), isAwaited: false, default).AsTask();

        await FluentActions.Awaiting(() => late).Should().ThrowAsync<IOException>();
        outbox.Take().Should().BeNull();
    }

    [Fact]
    public async Task Lifetime_ends_on_time_while_a_call_waits_for_room()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 1);
        var first = await AddAsync(outbox, "first");
        outbox.Take();
        var dying = outbox.AddAsync(Messages.Of("t", "dies", expiry: 1), isAwaited: true, default).AsTask();
        var behind = AddAsync(outbox, "behind");

        _time.Advance(TimeSpan.FromSeconds(1));

        var over = await dying.WaitAsync(ScriptedConnection.Patience);
        var result = await over.AsValueTask();
        result.ReasonCode.Should().Be(MqttClientPublishReasonCode.MessageExpired);
        _drops.Reports.Should().Equal((MessageDropReason.Expired, "dies"));
        outbox.Complete(first, new MqttClientPublishResult());
        Payload((await behind.WaitAsync(ScriptedConnection.Patience)).Message).Should().Be("behind");
    }

    [Fact]
    public async Task Expiry_of_a_call_that_was_too_large_lets_those_behind_it_in()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 10, maxBytes: 1000);
        await AddAsync(outbox, new string('x', 500));
        var large = outbox.AddAsync(
            Messages.Of("t", new string('y', 800), expiry: 1), isAwaited: true, default).AsTask();
        var small = AddAsync(outbox, "small");

        _time.Advance(TimeSpan.FromSeconds(1));

        await Task.WhenAll(large, small).WaitAsync(ScriptedConnection.Patience);
    }

    [Fact]
    public async Task Time_that_a_call_waited_for_room_counts()
    {
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: 1);
        var first = await AddAsync(outbox, "first");
        outbox.Take();
        var second = outbox.AddAsync(Messages.Of("t", "second", expiry: 9), isAwaited: true, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(4));

        outbox.Complete(first, new MqttClientPublishResult());

        outbox.AgeOf(await second).Should().Be(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Lifetime_runs_while_the_store_opens_and_is_stored_as_of_the_call()
    {
        _store.Opening = new TaskCompletionSource();
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        var adding = outbox.AddAsync(Messages.Of("t", "1", qos: 1, expiry: 9), isAwaited: true, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(3));

        _store.Opening.SetResult();

        outbox.AgeOf(await adding.WaitAsync(ScriptedConnection.Patience)).Should().Be(TimeSpan.FromSeconds(3));
        await outbox.FlushAsync(default);
        _store.Appended.Should().ContainSingle().Which.AcceptedAt.Should().Be(VirtualClock.Start);
    }

    [Fact]
    public async Task Lifetimes_end_when_they_do_and_not_with_the_second_of_another()
    {
        var outbox = Outbox(OutboxOverflow.Wait);
        await outbox.AddAsync(Messages.Of("t", "long", expiry: 100), isAwaited: true, default);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        var dying = await outbox.AddAsync(Messages.Of("t", "short", expiry: 1), isAwaited: true, default);
        var end = dying.AsValueTask().AsTask();

        _time.Advance(TimeSpan.FromSeconds(1));

        (await end.WaitAsync(ScriptedConnection.Patience)).ReasonCode
            .Should().Be(MqttClientPublishReasonCode.MessageExpired);
    }

    [Fact]
    public async Task Message_with_a_lifetime_of_0_has_the_second_that_began()
    {
        var outbox = Outbox(OutboxOverflow.Wait);
        var pending = await outbox.AddAsync(Messages.Of("t", "1", expiry: 0), isAwaited: true, default);
        var end = pending.AsValueTask().AsTask();
        _time.Advance(TimeSpan.FromSeconds(0.9));
        end.IsCompleted.Should().BeFalse();

        _time.Advance(TimeSpan.FromSeconds(0.1));

        (await end.WaitAsync(ScriptedConnection.Patience)).ReasonCode
            .Should().Be(MqttClientPublishReasonCode.MessageExpired);
    }

    [Fact]
    public async Task DropOldest_leaves_what_a_server_may_have()
    {
        _store.Stored.Add(new StoredPublish(5, Messages.Of("t", "sent", qos: 2), VirtualClock.Start, 8192));
        _store.Stored.Add(new StoredPublish(6, Messages.Of("t", "unsent", qos: 1), VirtualClock.Start, 0));
        var outbox = Outbox(OutboxOverflow.DropOldest, maxCount: 2, store: _store);
        await outbox.OpenAsync(default);

        await AddAsync(outbox, "new");

        _drops.Reports.Should().Equal((MessageDropReason.OutboxFull, "unsent"));
        Payload(outbox.Take()!.Message).Should().Be("sent");
    }

    [Fact]
    public async Task QoS_2_publish_that_expires_is_marked_before_it_is_given_out()
    {
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);
        var pending = await outbox.AddAsync(
            Messages.Of("t", "1", qos: 2, expiry: 9), isAwaited: true, default);
        await AddAsync(outbox, "behind");
        _store.Append(0).SetResult();
        await pending.Storing;

        outbox.Take().Should().BeNull("the store does not know yet that it is sent");
        await outbox.FlushAsync(default);
        _store.MarkCount.Should().Be(1);
        _store.Mark(0).SetResult();

        SpinWait.SpinUntil(() => _notices > 1, ScriptedConnection.Patience).Should().BeTrue();
        outbox.Take().Should().BeSameAs(pending);
        Payload(outbox.Take()!.Message).Should().Be("behind");
        _store.Appended[0].MayHaveBeenSent.Should().BeFalse();
    }

    [Fact]
    public async Task Restored_QoS_2_publish_expires_only_when_it_was_never_sent()
    {
        _store.Stored.Add(new StoredPublish(5, Messages.Of("t", "sent", qos: 2, expiry: 1), VirtualClock.Start, 8192));
        _store.Stored.Add(new StoredPublish(6, Messages.Of("t", "unsent", qos: 2, expiry: 1), VirtualClock.Start, 8193)
        {
            MayHaveBeenSent = false,
        });
        _time.Advance(TimeSpan.FromSeconds(5));
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        await outbox.OpenAsync(default);

        _time.Advance(TimeSpan.FromSeconds(1));

        _drops.Reports.Should().Equal((MessageDropReason.Expired, "unsent"));
        outbox.Take().Should().Match<PendingPublish>(p => p.Sequence == 5 && p.MayHaveBeenSent);
        await outbox.FlushAsync(default);
        _store.Removed.Should().Equal(6);
    }

    [Fact]
    public async Task DisposeAsync_closes_a_store_that_is_being_opened()
    {
        _store.Opening = new TaskCompletionSource();
        var outbox = Outbox(OutboxOverflow.Wait, store: _store);
        var adding = outbox.AddAsync(Messages.Of("t", "1", qos: 1), isAwaited: false, default).AsTask();
        outbox.Fail(new ObjectDisposedException(nameof(ScionMqttClient)));

        var disposing = outbox.DisposeAsync().AsTask();
        _store.IsDisposed.Should().BeFalse("it is not open yet");
        _store.Opening.SetResult();

        await disposing.WaitAsync(ScriptedConnection.Patience);
        _store.IsDisposed.Should().BeTrue();
        var failure = await FluentActions.Awaiting(() => adding).Should().ThrowAsync<ObjectDisposedException>();
        failure.Which.ObjectName.Should().Be(nameof(ScionMqttClient));
    }

    [Theory]
    [InlineData(OutboxOverflow.DropOldest)]
    [InlineData(OutboxOverflow.DropNewest)]
    public async Task Report_of_what_is_left_out_is_made_outside_the_lock(OutboxOverflow overflow)
    {
        var outbox = Outbox(overflow, maxCount: 1);
        await AddAsync(outbox, "1");
        _drops.OnReport = () =>
        {
            // Metrics and logs are the user's: what they do may take its time, and another thread needs the outbox.
            var other = Task.Run(() => outbox.Pending);
            SpinWait.SpinUntil(() => other.IsCompleted, ScriptedConnection.Patience).Should().BeTrue();
        };

        await AddAsync(outbox, "2");

        _drops.Reports.Should().ContainSingle();
    }

    private static string Payload(MqttApplicationMessage message) => message.ConvertPayloadToString();

    [Fact]
    public async Task Cancellation_that_meets_the_answer_leaves_nobody_waiting()
    {
        const int Count = 10_000;
        var outbox = Outbox(OutboxOverflow.Wait, maxCount: Count, maxBytes: 1 << 30);
        var pendings = new PendingPublish[Count];
        var ends = new Task[Count];
        var cancellations = new CancellationTokenSource[Count]; // Without a timer, nothing to dispose.
        for (var i = 0; i < Count; i++)
        {
            cancellations[i] = new CancellationTokenSource();
            pendings[i] = await AddAsync(outbox, "");
            ends[i] = pendings[i].AsValueTask(cancellations[i].Token).AsTask();
            outbox.Take();
        }
        var (answered, abandoned) = (-1, -1);
        var answering = Task.Run(() => Race(i => outbox.Complete(pendings[i], MqttClientPublishResult.Sent),
            ref answered, ref abandoned));
        Race(i => cancellations[i].Cancel(), ref abandoned, ref answered);
        await answering;

        await Task.WhenAll(ends).WaitAsync(TimeSpan.FromSeconds(4)).ContinueWith(
            _ => { }, TaskScheduler.Default);
        ends.Count(e => !e.IsCompleted).Should().Be(0);

        static void Race(Action<int> act, ref int mine, ref int other)
        {
            for (var i = 0; i < Count; i++)
            {
                Volatile.Write(ref mine, i);
                while (Volatile.Read(ref other) < i)
                {
                    Thread.SpinWait(1);
                }
                act(i);
            }
        }
    }

    private static Task<PendingPublish> AddAsync(Outbox outbox, string payload, int qos = 0) =>
        outbox.AddAsync(Messages.Of("t", payload, qos), isAwaited: true, default).AsTask();

    private Outbox Outbox(
        OutboxOverflow overflow, int maxCount = 100, long maxBytes = 1 << 20, IOutboxStore? store = null)
    {
        var settings = TestSettings.With(o =>
        {
            o.MaxPendingPublishes = maxCount;
            o.MaxPendingBytes = maxBytes;
            o.OutboxOverflow = overflow;
            o.OutboxStore = store;
        });
        return new Outbox(settings, _drops, _time, NullLogger.Instance, notify: () => _notices++);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference<MqttApplicationMessage>> CancelAsync(Outbox outbox)
    {
        var message = Messages.Of("t", "2");
        using var cancellation = new CancellationTokenSource();
        var adding = outbox.AddAsync(message, isAwaited: true, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => adding).Should().ThrowAsync<OperationCanceledException>();
        return new WeakReference<MqttApplicationMessage>(message);
    }

    private sealed class DropList : IDropReporter
    {
        public List<(MessageDropReason Reason, string Payload)> Reports { get; } = [];

        public Action OnReport { get; set; } = () => { };

        public void Report(
            string? filter,
            MqttApplicationMessage message,
            MessageDropReason reason,
            Exception? error = null,
            MqttClientPublishResult? result = null)
        {
            Reports.Add((reason, Payload(message)));
            OnReport();
        }

        public void ReportFailure(string filter, Exception error) => throw new NotSupportedException();
    }

    /// <summary>A store whose disk is as fast as the test says. Its calls are made when a flush ends.</summary>
    private sealed class FakeStore : IOutboxStore
    {
        private readonly ConcurrentDictionary<(bool IsMark, int Index), TaskCompletionSource> _ends = new();

        public List<StoredPublish> Stored { get; } = [];

        public List<StoredPublish> Appended { get; } = [];

        public int MarkCount { get; private set; }

        public List<long> Removed { get; } = [];

        public TaskCompletionSource? Opening { get; set; }

        public bool IsDisposed { get; private set; }

        /// <summary>The end of an append that was made, or will be.</summary>
        public TaskCompletionSource Append(int index) => _ends.GetOrAdd((false, index), _ => new());

        /// <summary>The end of a mark that was made, or will be.</summary>
        public TaskCompletionSource Mark(int index) => _ends.GetOrAdd((true, index), _ => new());

        public async Task<IReadOnlyList<StoredPublish>> OpenAsync(string clientId, CancellationToken cancellationToken)
        {
            await (Opening?.Task ?? Task.CompletedTask);
            return Stored;
        }

        public Task AppendAsync(StoredPublish publish)
        {
            Appended.Add(publish);
            return Append(Appended.Count - 1).Task;
        }

        public Task MarkSentAsync(long sequence) => Mark(MarkCount++).Task;

        public Task ReleaseAsync(long sequence) => Task.CompletedTask;

        public void Remove(long sequence) => Removed.Add(sequence);

        public Task FlushAsync() => Task.CompletedTask;

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
