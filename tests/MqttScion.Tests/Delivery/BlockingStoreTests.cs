using Microsoft.Extensions.Logging.Abstractions;
using MqttScion.Mqtt;
using MqttScion.Scion.Tests;
using MqttScion.Tests.Memory;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Delivery;

/// <summary>A client whose store blocks where it is called: what needs no store goes on.</summary>
public sealed class BlockingStoreTests
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    [Fact]
    public async Task Store_that_blocks_in_Remove_holds_up_no_acknowledgement_and_no_publish_without_it()
    {
        using var store = new BlockingStore();
        var broker = new MemoryBroker { HoldsAnswers = true };
        await using var client = Client(store, broker);
        await client.ConnectAsync().WaitAsync(Patience);
        var stored = Enumerable.Range(0, 20)
            .Select(i => client.PublishAsync(Messages.Of("t", $"{i}", qos: 1)).AsTask()).ToArray();
        await WaitUntilAsync(() => broker.Received == stored.Length);
        using var blocked = store.Block(nameof(IOutboxStore.Remove));

        broker.ReleaseAnswers();
        await blocked.Reached.WaitAsync(Patience);

        (await Task.WhenAll(stored).WaitAsync(Patience)).Should().OnlyContain(r => r.IsSuccess);
        (await client.PublishAsync(Messages.Of("t", "0")).AsTask().WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        await WaitUntilAsync(() => broker.Received == stored.Length + 1);
    }

    [Fact]
    public async Task Store_that_blocks_in_Remove_holds_up_no_delivery()
    {
        using var store = new BlockingStore();
        var broker = MemoryBroker.Of("in", payloadBytes: 8);
        await using var client = Client(store, broker);
        await client.ConnectAsync().WaitAsync(Patience);
        var seen = client.Messages(Messages.Filter("in", 1)).Collect();
        await using var subscribed = await client.SubscribeAsync(Messages.Filter("in", 1));
        using var blocked = store.Block(nameof(IOutboxStore.Remove));
        await client.PublishAsync(Messages.Of("t", "1", qos: 1)).AsTask().WaitAsync(Patience);
        await blocked.Reached.WaitAsync(Patience);

        broker.Deliver(3);

        for (var i = 0; i < 3; i++)
        {
            await seen.NextAsync();
        }
        await WaitUntilAsync(() => broker.Acknowledged == 3);
    }

    [Fact]
    public async Task Store_that_blocks_in_AppendAsync_blocks_no_caller_and_no_acknowledgement()
    {
        using var store = new BlockingStore();
        var broker = new MemoryBroker { HoldsAnswers = true };
        await using var client = Client(store, broker);
        await client.ConnectAsync().WaitAsync(Patience);
        var before = client.PublishAsync(Messages.Of("t", "before", qos: 1)).AsTask();
        await WaitUntilAsync(() => broker.Received == 1);
        using var blocked = store.Block(nameof(IOutboxStore.AppendAsync));

        var publishing = Task.Run(() =>
        {
            var awaited = client.PublishAsync(Messages.Of("t", "1", qos: 1)).AsTask();
            var accepted = client.EnqueueAsync(Messages.Of("t", "2", qos: 2)).AsTask();
            return (awaited, accepted);
        });
        var (awaited, accepted) = await publishing.WaitAsync(Patience);
        await blocked.Reached.WaitAsync(Patience);
        broker.ReleaseAnswers();

        (await before.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        accepted.IsCompleted.Should().BeFalse("it is not on disk yet");
        broker.Received.Should().Be(1);
        blocked.Dispose();
        (await awaited.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        await accepted.WaitAsync(Patience);
    }

    [Fact]
    public async Task Store_is_called_on_the_thread_pool_one_call_at_a_time_in_the_order_of_the_changes()
    {
        using var store = new BlockingStore();
        var broker = new MemoryBroker();
        await using (var client = Client(store, broker))
        {
            await client.ConnectAsync().WaitAsync(Patience);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(
                () => client.PublishAsync(Messages.Of("t", $"{i}", qos: 1)).AsTask()))).WaitAsync(Patience);
        }

        store.Faults.Should().BeEmpty();
        var calls = store.Calls;
        calls.Where(c => c.StartsWith('+')).Should().Equal(Enumerable.Range(1, 50).Select(i => $"+{i}"));
        for (var i = 1; i <= 50; i++)
        {
            calls.IndexOf($"-{i}").Should().BeGreaterThan(calls.IndexOf($"+{i}"));
        }
        calls[^1].Should().Be("closed", "dispose waits for what is queued");
    }

    [Fact]
    public async Task Store_that_throws_in_Remove_takes_no_connection_with_it()
    {
        using var store = new BlockingStore { RemoveFailure = new IOException("disk gone") };
        await using var client = Client(store, new MemoryBroker());
        await client.ConnectAsync().WaitAsync(Patience);

        for (var i = 0; i < 2; i++)
        {
            var result = await client.PublishAsync(Messages.Of("t", "1", qos: 1)).AsTask().WaitAsync(Patience);
            result.IsSuccess.Should().BeTrue();
        }

        store.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task Publish_takes_room_until_the_store_has_it_also_when_its_lifetime_is_over()
    {
        using var store = new BlockingStore();
        var time = new VirtualClock();
        await using var outbox = Outbox(store, time, maxCount: 2);
        await outbox.OpenAsync(default);
        using var blocked = store.Block(nameof(IOutboxStore.AppendAsync));
        var first = await outbox.AddAsync(Messages.Of("t", "1", qos: 1, expiry: 1), isAwaited: true, default);
        var end = first.AsValueTask().AsTask();
        await outbox.AddAsync(Messages.Of("t", "2", qos: 1), isAwaited: true, default);
        await blocked.Reached.WaitAsync(Patience);

        time.Advance(TimeSpan.FromSeconds(5));

        var adding = () => outbox.AddAsync(Messages.Of("t", "3", qos: 1), isAwaited: true, default).AsTask();
        await adding.Should().ThrowAsync<MqttOutboxFullException>("what waits for the store is bounded");
        end.IsCompleted.Should().BeFalse();
        blocked.Dispose();
        await first.Storing.WaitAsync(Patience);
        time.Advance(TimeSpan.FromSeconds(1));
        (await end.WaitAsync(Patience)).ReasonCode.Should().Be(MqttClientPublishReasonCode.MessageExpired);
        await adding();
        await outbox.FlushAsync(default);
        store.Calls.Where(c => c.Contains('1')).Should().Equal("+1", "-1");
    }

    [Fact]
    public async Task DisposeAsync_waits_for_a_removal_that_is_under_way_and_closes_the_store_behind_it()
    {
        using var store = new BlockingStore();
        var outbox = Outbox(store, new VirtualClock());
        using var blocked = await BlockRemovalAsync(outbox, store);

        var disposing = outbox.DisposeAsync().AsTask();
        disposing.IsCompleted.Should().BeFalse();
        blocked.Dispose();

        await disposing.WaitAsync(Patience);
        store.Calls.Should().Equal("open", "+1", "-1", "closed");
    }

    [Fact]
    public async Task DisposeAsync_leaves_a_store_that_is_stuck_after_a_while_and_never_calls_it_beside_the_other_call()
    {
        using var store = new BlockingStore();
        var time = new VirtualClock();
        var outbox = Outbox(store, time);
        using var blocked = await BlockRemovalAsync(outbox, store);

        var disposing = outbox.DisposeAsync().AsTask();
        while (!disposing.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1)); // It may not wait yet.
            await Task.Yield();
        }

        await disposing;
        store.Calls.Should().Equal("open", "+1", "-1");
        blocked.Dispose();
        await WaitUntilAsync(() => store.Calls[^1] == "closed");
        store.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task Connect_that_is_given_up_waits_no_longer_for_a_store_that_is_stuck()
    {
        using var store = new BlockingStore();
        await using var outbox = Outbox(store, new VirtualClock());
        using var blocked = await BlockRemovalAsync(outbox, store);
        using var cancellation = new CancellationTokenSource();
        var flushing = outbox.FlushAsync(cancellation.Token);
        flushing.IsCompleted.Should().BeFalse("a removal is on its way");

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => flushing.WaitAsync(Patience)).Should()
            .ThrowAsync<OperationCanceledException>();
    }

    private static async Task<BlockingStore.Blocked> BlockRemovalAsync(Outbox outbox, BlockingStore store)
    {
        await outbox.OpenAsync(default);
        var pending = await outbox.AddAsync(Messages.Of("t", "1", qos: 1), isAwaited: true, default);
        await pending.Storing.WaitAsync(Patience);
        var blocked = store.Block(nameof(IOutboxStore.Remove));
        outbox.Complete(pending, MqttClientPublishResult.Sent);
        await blocked.Reached.WaitAsync(Patience);
        return blocked;
    }

    private static Outbox Outbox(IOutboxStore store, VirtualClock time, int maxCount = 100) => new(
        TestSettings.With(o =>
        {
            (o.OutboxStore, o.MaxPendingPublishes, o.OutboxOverflow) = (store, maxCount, OutboxOverflow.Fail);
        }),
        new DropRecorder(), time, NullLogger.Instance, notify: () => { });

    private static ScionMqttClient Client(IOutboxStore store, MemoryBroker broker) =>
        MemoryConnector.Client(broker, o =>
        {
            (o.CleanStart, o.SessionExpiryInterval, o.OutboxStore) = (false, TimeSpan.FromHours(1), store);
        });

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), patience.Token);
        }
    }
}
