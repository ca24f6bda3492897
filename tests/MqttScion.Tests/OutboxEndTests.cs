using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using MqttScion.Mqtt;
using MqttScion.Sqlite;
using MqttScion.Testnet;
using MqttScion.Tests.PlainQuic;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>What becomes of accepted messages, and of the client's parts, when a client ends.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class OutboxEndTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly PlainQuicWorld _world = new();
    private readonly ConcurrentQueue<string> _received = new();

    public Task InitializeAsync() => _world.StartAsync(configure: o => new PocketBrokerOptions
    {
        State = o.State,
        Quic = o.Quic,
        AuthorizePublish = (_, message) =>
        {
            _received.Enqueue(message.Topic);
            return MqttClientPublishReasonCode.Success;
        },
    });

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_that_was_enqueued_without_its_broker_is_reported_at_the_end(bool isDisposed)
    {
        await using var client = _world.Client("c");
        var drops = client.DroppedMessages.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        _world.Broker.Freeze();
        await client.EnqueueAsync(Messages.Of("alarm", "1", qos: 1));

        await (isDisposed ? client.DisposeAsync().AsTask() : client.DisconnectAsync()).WaitAsync(Patience);

        var drop = await drops.NextAsync();
        drop.Should().BeEquivalentTo(new { Topic = "alarm", Reason = MessageDropReason.ConnectionEnded });
        drop.Result!.IsLocal.Should().BeTrue();
        drop.ToString().Should().NotContain("\n").And.Contain("ConnectionEnded").And.Contain("alarm");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Every_message_that_was_enqueued_before_a_disconnect_is_delivered_or_reported(int qos)
    {
        const int Count = 2000;
        await using var client = _world.Client("c", configure: o => o.MaxPendingPublishes = 100_000);
        var drops = client.DroppedMessages.Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        for (var i = 0; i < Count; i++)
        {
            await client.EnqueueAsync(Messages.Of($"t/{i}", "x", qos));
        }

        await client.DisconnectAsync().WaitAsync(Patience);
        await client.DisposeAsync();
        await _world.Broker.DisposeAsync();

        var told = new HashSet<string>(_received);
        await foreach (var drop in drops.ReadAllAsync().WithCancellation(new CancellationTokenSource(Patience).Token))
        {
            drop.Reason.Should().Be(MessageDropReason.ConnectionEnded);
            told.Add(drop.Topic);
        }
        told.Should().HaveCount(Count);
    }

    [Fact]
    public async Task Reports_of_more_messages_than_an_observer_had_room_for_all_come()
    {
        const int Count = 9000;
        await using var client = _world.Client("c", configure: o => o.MaxPendingPublishes = 100_000);
        using var busy = new ManualResetEventSlim();
        var count = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var _ = client.DroppedMessages.Subscribe(_ =>
        {
            busy.Wait(Patience);
            count++;
        }, all.SetResult);
        await client.ConnectAsync().WaitAsync(Patience);
        _world.Broker.Freeze();
        for (var i = 0; i < Count; i++)
        {
            await client.EnqueueAsync(Messages.Of("t", "x", qos: 1));
        }

        await client.DisposeAsync();
        busy.Set();

        await all.Task.WaitAsync(Patience);
        count.Should().Be(Count);
    }

    [Fact]
    public async Task Message_with_a_lifetime_of_0_is_delivered_by_who_is_connected()
    {
        await using var client = _world.Client("c");
        var seen = client.Messages("now").Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        await using var subscribed = await client.SubscribeAsync("now");

        var result = await client.PublishAsync(Messages.Of("now", "1", qos: 1, expiry: 0)).AsTask().WaitAsync(Patience);

        result.IsSuccess.Should().BeTrue($"{result.ReasonCode}");
        (await seen.NextAsync()).ConvertPayloadToString().Should().Be("1");
    }

    [Fact]
    public async Task Second_DisposeAsync_ends_with_the_first()
    {
        var store = new SlowStore();
        var client = _world.Client("c", configure: o =>
        {
            (o.CleanStart, o.SessionExpiryInterval, o.OutboxStore) = (false, TimeSpan.FromHours(1), store);
        });

        var first = client.DisposeAsync().AsTask();
        await store.Closing.Task.WaitAsync(Patience);
        var second = client.DisposeAsync().AsTask();
        second.IsCompleted.Should().BeFalse("the store is not closed yet");
        store.Close.SetResult();

        await Task.WhenAll(first, second).WaitAsync(Patience);
    }

    [Fact]
    public async Task Client_disposed_while_its_outbox_opens_lets_go_of_the_file()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("mqttscion-outbox-").FullName, "outbox.db");
        for (var i = 0; i < 10; i++)
        {
            var first = WithStore(file);
            var enqueuing = first.EnqueueAsync(Messages.Of("t", "1", qos: 1)).AsTask();
            await first.DisposeAsync().AsTask().WaitAsync(Patience);
            await Task.WhenAny(enqueuing); // It may have failed, as below.
            if (enqueuing.Exception is { InnerException: { } error })
            {
                error.Should().BeOfType<ObjectDisposedException>().Which.ObjectName
                    .Should().Contain(nameof(ScionMqttClient));
            }

            await using var second = WithStore(file);
            await second.ConnectAsync().WaitAsync(Patience);
        }
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task Provider_with_a_connected_client_can_be_disposed_of_synchronously()
    {
        var options = _world.ClientOptions("c");
        var services = new ServiceCollection();
        services.AddScionMqtt(o =>
        {
            o.ClientId = "c";
            o.Servers.Add(options.Servers.Single());
            o.Tls.TrustedCertificates = options.Tls.TrustedCertificates;
        });
        var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IScionMqttClient>();
        await client.ConnectAsync().WaitAsync(Patience);

        var act = provider.Dispose;

        act.Should().NotThrow();
        await FluentActions.Awaiting(() => client.ConnectAsync()).Should().ThrowAsync<ObjectDisposedException>();
    }

    private ScionMqttClient WithStore(string file) => _world.Client("c", configure: o =>
    {
        (o.CleanStart, o.SessionExpiryInterval) = (false, TimeSpan.FromHours(1));
        o.OutboxStore = new SqliteOutboxStore(file);
    });

    /// <summary>A store that takes its time to close.</summary>
    private sealed class SlowStore : IOutboxStore
    {
        public TaskCompletionSource Closing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Close { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<IReadOnlyList<StoredPublish>> OpenAsync(string clientId, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<StoredPublish>>([]);

        public Task AppendAsync(StoredPublish publish) => Task.CompletedTask;

        public Task ReleaseAsync(long sequence) => Task.CompletedTask;

        public void Remove(long sequence) => throw new NotSupportedException();

        public Task FlushAsync() => Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            Closing.TrySetResult();
            await Close.Task;
        }
    }
}
