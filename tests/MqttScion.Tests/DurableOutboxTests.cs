using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Sqlite;
using MqttScion.TestPeer;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>What a client with a durable outbox delivers after its process is gone.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class DurableOutboxTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = ScriptedConnection.Patience;

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-outbox-").FullName;
    private ScriptedBroker _broker = null!;
    private SameAsWorld _world = null!;

    private string FilePath => Path.Combine(_directory, "outbox.db");

    public Task InitializeAsync()
    {
        _broker = new ScriptedBroker();
        _world = new SameAsWorld(_broker.Address);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _broker.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Messages_accepted_without_a_connection_are_sent_in_order_by_the_next_process()
    {
        await using (var first = Client(FilePath))
        {
            for (var i = 0; i < 20; i++)
            {
                await first.EnqueueAsync(Messages.Of("t", $"{i}", qos: 1 + i % 2));
            }
        }

        await using var second = Client(FilePath);
        using var connection = await ConnectAsync(second, isSessionPresent: false);

        for (var i = 0; i < 20; i++)
        {
            var publish = await connection.ReadAsync<MqttPublishPacket>();
            publish.Message.ConvertPayloadToString().Should().Be($"{i}");
            publish.Dup.Should().BeFalse();
        }
    }

    [Fact]
    public async Task QoS_2_publish_that_was_sent_is_sent_again_under_its_identifier()
    {
        await using var first = Client(FilePath);
        using var before = await ConnectAsync(first, isSessionPresent: false);
        await first.EnqueueAsync(Messages.Of("t", "once", qos: 2));
        var id = (await before.ReadAsync<MqttPublishPacket>()).PacketId;
        var crashed = Crash();

        await using var second = Client(crashed);
        using var after = await ConnectAsync(second, isSessionPresent: true);

        (await after.ReadAsync<MqttPublishPacket>()).Should().Match<MqttPublishPacket>(p => p.Dup && p.PacketId == id);
        await after.SendAckAsync(MqttPacketType.PubRec, id);
        await after.ReadAckAsync(MqttPacketType.PubRel, id);
    }

    [Fact]
    public async Task QoS_2_publish_that_was_released_is_not_sent_again()
    {
        await using var first = Client(FilePath);
        using var before = await ConnectAsync(first, isSessionPresent: false);
        await first.EnqueueAsync(Messages.Of("t", "once", qos: 2));
        var id = (await before.ReadAsync<MqttPublishPacket>()).PacketId;
        await before.SendAckAsync(MqttPacketType.PubRec, id);
        await before.ReadAckAsync(MqttPacketType.PubRel, id); // From here on the server may have forgotten it.
        var crashed = Crash();

        await using var second = Client(crashed);
        using var after = await ConnectAsync(second, isSessionPresent: true);
        await second.EnqueueAsync(Messages.Of("t", "next", qos: 2));

        await after.ReadAckAsync(MqttPacketType.PubRel, id);
        await after.SendAckAsync(MqttPacketType.PubComp, id, code: 0x92);
        var next = await after.ReadAsync<MqttPublishPacket>();
        next.Message.ConvertPayloadToString().Should().Be("next");
        next.PacketId.Should().NotBe(id);
    }

    [Fact]
    public async Task Answered_publish_is_gone()
    {
        await using (var first = Client(FilePath))
        {
            using var before = await ConnectAsync(first, isSessionPresent: false);
            var publishing = first.PublishAsync(Messages.Of("t", "done", qos: 1)).AsTask();
            await before.SendAckAsync(MqttPacketType.PubAck, (await before.ReadAsync<MqttPublishPacket>()).PacketId);
            (await publishing.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        }

        await using var store = new SqliteOutboxStore(FilePath);
        (await store.OpenAsync("c")).Should().BeEmpty();
    }

    [Fact]
    public async Task Publish_that_is_cancelled_stays_and_is_sent_on_the_next_connection()
    {
        await using var client = Client(FilePath);
        using var before = await ConnectAsync(client, isSessionPresent: false);
        using var cancellation = new CancellationTokenSource();
        var publishing = client.PublishAsync(Messages.Of("t", "kept", qos: 1), cancellation.Token).AsTask();
        await before.ReadAsync<MqttPublishPacket>();

        await cancellation.CancelAsync();
        await FluentActions.Awaiting(() => publishing).Should().ThrowAsync<OperationCanceledException>();
        before.Dispose();
        using var after = await _broker.AcceptAsync(isSessionPresent: true);

        (await after.ReadAsync<MqttPublishPacket>()).Message.ConvertPayloadToString().Should().Be("kept");
    }

    [Fact]
    public async Task Message_that_the_store_takes_while_the_connect_fails_is_accepted_all_the_same()
    {
        var store = new HeldStore(new SqliteOutboxStore(FilePath));
        await using (var client = _world.Client("c", o => (o.CleanStart, o.OutboxStore) = (false, store)))
        {
            var enqueuing = client.EnqueueAsync(Messages.Of("t", "kept", qos: 2)).AsTask();
            await store.Held.Task.WaitAsync(Patience);
            _broker.Dispose(); // The proxy can't reach it.
            await FluentActions.Awaiting(() => client.ConnectAsync().WaitAsync(Patience))
                .Should().ThrowAsync<QuicConnectionException>();

            store.LetGo.SetResult();

            await enqueuing.WaitAsync(Patience);
        }
        await using var after = new SqliteOutboxStore(FilePath);
        (await after.OpenAsync("c")).Should().ContainSingle();
    }

    [Fact]
    public async Task Publish_that_comes_before_the_store_is_read_goes_behind_what_is_in_it()
    {
        await using (var first = Client(FilePath))
        {
            await first.EnqueueAsync(Messages.Of("t", "old", qos: 2));
        }
        var opening = new TaskCompletionSource();
        var store = new HeldStore(new SqliteOutboxStore(FilePath), opening.Task);
        store.LetGo.SetResult();
        await using var client = _world.Client("c", o => (o.CleanStart, o.OutboxStore) = (false, store));
        client.ConnectPersistently();
        var publishing = client.PublishAsync(Messages.Of("t", "new", qos: 2)).AsTask();

        opening.SetResult();
        using var connection = await _broker.AcceptAsync(isSessionPresent: false);
        var old = await connection.ReadAsync<MqttPublishPacket>();
        var publish = await connection.ReadAsync<MqttPublishPacket>();
        await connection.SendAckAsync(MqttPacketType.PubRec, publish.PacketId);
        await connection.ReadAckAsync(MqttPacketType.PubRel, publish.PacketId);
        await connection.SendAckAsync(MqttPacketType.PubComp, publish.PacketId);

        old.Message.ConvertPayloadToString().Should().Be("old");
        publish.Message.ConvertPayloadToString().Should().Be("new");
        publish.PacketId.Should().NotBe(old.PacketId);
        (await publishing.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
    }

    [Fact]
    public async Task Store_that_fails_fails_its_publishes_and_holds_up_nothing_else()
    {
        var store = new HeldStore(new SqliteOutboxStore(FilePath));
        var client = _world.Client("c", o => (o.CleanStart, o.OutboxStore) = (false, store));
        using var connection = await ConnectAsync(client, isSessionPresent: false);
        var awaited = client.PublishAsync(Messages.Of("t", "1", qos: 1)).AsTask();
        var accepted = client.EnqueueAsync(Messages.Of("t", "2", qos: 2)).AsTask();
        var behind = client.PublishAsync(Messages.Of("t", "behind")).AsTask();

        store.LetGo.SetException(new IOException("disk full"));

        await FluentActions.Awaiting(() => awaited.WaitAsync(Patience)).Should().ThrowAsync<IOException>();
        await FluentActions.Awaiting(() => accepted.WaitAsync(Patience)).Should().ThrowAsync<IOException>();
        (await behind.WaitAsync(Patience)).IsSuccess.Should().BeTrue();
        (await connection.ReadAsync<MqttPublishPacket>()).Message.ConvertPayloadToString().Should().Be("behind");
        await client.DisposeAsync().AsTask().WaitAsync(Patience);
    }

    [Fact]
    public async Task Store_of_another_client_fails_the_connect_with_its_reason()
    {
        await using (var store = new SqliteOutboxStore(FilePath))
        {
            await store.OpenAsync("somebody else");
        }
        await using var client = Client(FilePath);

        var act = () => client.ConnectAsync();

        await act.Should().ThrowAsync<OutboxStoreException>().WithMessage("*somebody else*");
    }

    [MosquittoFact]
    public async Task Process_that_is_killed_again_and_again_delivers_each_QoS_2_message_once_and_in_order()
    {
        await using var mosquitto = await Mosquitto.StartAsync("max_queued_messages 0");
        await using var world = new SameAsWorld(mosquitto.Address);
        await using var subscriber = world.Client("subscriber");
        var seen = subscriber.Messages(Messages.Filter("outbox", 2)).Collect();
        await subscriber.ConnectAsync().WaitAsync(Patience);
        await using var subscribed = await subscriber.SubscribeAsync(Messages.Filter("outbox", 2));
        var accepted = new List<long>();

        for (var life = 0; life < 4; life++)
        {
            // One number is left out: whether the last one was accepted before the kill, its process can't say.
            await using var peer = TestPeerProcess.Start(
                "outbox",
                $"server={world.Proxy.LocalEndPoint}",
                $"file={FilePath}",
                $"first={(accepted.Count == 0 ? 0 : accepted[^1] + 2)}",
                "qos=2",
                $"ca={world.Certificates.CaFile}",
                $"certificate={world.Certificates.ClientFile}",
                $"key={world.Certificates.ClientKeyFile}");
            for (var i = 0; i < 300; i++)
            {
                accepted.Add((await peer.ReadAsync<OutboxAccepted>(Patience)).Number);
            }
            accepted.AddRange((await peer.KillAsync<OutboxAccepted>()).Select(a => a.Number));
        }
        await using var last = world.Client("outbox", o =>
        {
            o.CleanStart = false;
            o.OutboxStore = new SqliteOutboxStore(FilePath);
        });
        await last.ConnectAsync().WaitAsync(Patience);
        var end = await last.PublishAsync(Messages.Of("outbox", "end", qos: 2)).AsTask().WaitAsync(Patience);
        end.Should().BeEquivalentTo(new { IsSuccess = true });

        var delivered = new List<long>();
        while ((await seen.NextAsync()).ConvertPayloadToString() is var text and not "end")
        {
            delivered.Add(long.Parse(text));
        }
        delivered.Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        accepted.Except(delivered).Should().BeEmpty();
        delivered.Except(accepted).Count().Should().BeLessThanOrEqualTo(4); // The last of each life, not reported.
    }

    private string Crash() => FileCopy.Take(FilePath, Path.Combine(_directory, "crashed"));

    private ScionMqttClient Client(string file) => _world.Client("c", o =>
    {
        o.CleanStart = false;
        o.OutboxStore = new SqliteOutboxStore(file);
        o.ReconnectDelay = TimeSpan.FromMilliseconds(1);
        o.MaxReconnectDelay = TimeSpan.FromMilliseconds(10);
    });

    private async Task<ScriptedConnection> ConnectAsync(ScionMqttClient client, bool isSessionPresent)
    {
        var connecting = client.ConnectAsync();
        var connection = await _broker.AcceptAsync(isSessionPresent);
        await connecting.WaitAsync(Patience);
        return connection;
    }

    /// <summary>A store that takes publishes when the test says so.</summary>
    private sealed class HeldStore(IOutboxStore inner, Task? opening = null) : IOutboxStore
    {
        public TaskCompletionSource Held { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<IReadOnlyList<StoredPublish>> OpenAsync(
            string clientId, CancellationToken cancellationToken)
        {
            await (opening ?? Task.CompletedTask);
            return await inner.OpenAsync(clientId, cancellationToken);
        }

        public async Task AppendAsync(StoredPublish publish)
        {
            Held.TrySetResult();
            await LetGo.Task;
            await inner.AppendAsync(publish);
        }

        public Task ReleaseAsync(long sequence) => inner.ReleaseAsync(sequence);

        public void Remove(long sequence) => inner.Remove(sequence);

        public Task FlushAsync() => inner.FlushAsync();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
