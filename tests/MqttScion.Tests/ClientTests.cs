using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using System.Text;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Tests;

/// <summary>The client's promises, over real sockets: client → QUIC → SCION → proxy → embedded broker.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class ClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _subscribes = new();
    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizeConnect = connect => connect.ClientId == "refused"
                ? MqttClientConnectResultCode.NotAuthorized
                : MqttClientConnectResultCode.Success,
            AuthorizeSubscribe = (client, filter) =>
            {
                _subscribes.Enqueue($"{client} {filter.Topic}");
                return filter.Topic.StartsWith("secret", StringComparison.Ordinal)
                    ? MqttClientSubscribeResultCode.NotAuthorized
                    : null;
            },
        });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task ConnectAsync_refused_by_the_broker_throws_the_reason_and_ends_disconnected()
    {
        await using var client = _world.Client("refused");

        var act = () => client.ConnectAsync();

        var error = (await act.Should().ThrowAsync<MqttConnectRefusedException>()).Which;
        error.Result.ResultCode.Should().Be(MqttClientConnectResultCode.NotAuthorized);
        var state = await client.ConnectionStates.FirstAsync().Timeout(Patience);
        state.Should().BeOfType<ConnectionState.Disconnected>().Which.Reason.Should().BeSameAs(error);
    }

    [Fact]
    public async Task ConnectAsync_twice_throws()
    {
        await using var client = await ConnectedAsync("twice");

        var act = () => client.ConnectAsync();

        await act.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task PublishAsync_before_connect_throws()
    {
        await using var client = _world.Client("idle");

        var act = async () => await client.PublishAsync(Message("a"));

        await act.Should().ThrowAsync<MqttNotConnectedException>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/+")]
    [InlineData("a/#")]
    [InlineData("a\0b")]
    public async Task PublishAsync_to_an_invalid_topic_throws_at_the_call(string topic)
    {
        await using var client = await ConnectedAsync("topics");

        var act = async () => await client.PublishAsync(new MqttApplicationMessage { Topic = topic });

        await act.Should().ThrowAsync<ArgumentException>().WithMessage("*MQTT-*");
    }

    [Fact]
    public async Task Messages_is_remembered_before_connect_and_shared_by_observers()
    {
        await using var client = _world.Client("shared");
        var first = new Probe();
        var second = new Probe();
        var firstSubscription = client.Messages("plant/+/temp").Subscribe(first);
        var secondSubscription = client.Messages("plant/+/temp").Subscribe(second);
        await client.ConnectAsync();
        await using var marker = await client.SubscribeAsync("marker");

        await client.PublishAsync(Message("plant/1/temp", "21.5"));

        (await first.NextAsync()).Should().Be("21.5");
        (await second.NextAsync()).Should().Be("21.5");
        _subscribes.Should().BeEquivalentTo("shared plant/+/temp", "shared marker");
        firstSubscription.Dispose();
        await client.PublishAsync(Message("plant/2/temp", "22"));
        (await second.NextAsync()).Should().Be("22");
        first.Count.Should().Be(0);
        secondSubscription.Dispose();
    }

    [Fact]
    public async Task Messages_last_dispose_unsubscribes_and_a_new_observer_subscribes_again()
    {
        await using var client = await ConnectedAsync("again");
        client.Messages("t").Subscribe(new Probe()).Dispose();
        await using var first = await client.SubscribeAsync("marker/1");
        await client.PublishAsync(Message("t", "nobody"));

        var probe = new Probe();
        using var subscription = client.Messages("t").Subscribe(probe);
        await using var second = await client.SubscribeAsync("marker/2");
        await client.PublishAsync(Message("t", "somebody"));

        (await probe.NextAsync()).Should().Be("somebody");
        _subscribes.Count(s => s == "again t").Should().Be(2);
    }

    [Fact]
    public async Task Messages_of_a_refused_filter_ends_in_OnError_and_others_go_on()
    {
        await using var client = await ConnectedAsync("curious");
        var refused = new Probe();
        var allowed = new Probe();
        using var first = client.Messages("secret/plan").Subscribe(refused);
        using var second = client.Messages("open").Subscribe(allowed);

        var error = await refused.Failure.WaitAsync(Patience);
        await client.PublishAsync(Message("open", "hello"));

        error.Should().BeOfType<MqttSubscribeRefusedException>().Which.Filter.Should().Be("secret/plan");
        (await allowed.NextAsync()).Should().Be("hello");
    }

    [Fact]
    public async Task SubscribeAsync_of_a_refused_filter_throws()
    {
        await using var client = await ConnectedAsync("curious");

        var act = async () => await client.SubscribeAsync("secret/plan");

        (await act.Should().ThrowAsync<MqttSubscribeRefusedException>()).Which.Result.Items.Should().ContainSingle();
    }

    [Fact]
    public async Task SubscribeAsync_keeps_messages_for_the_first_observer()
    {
        await using var client = await ConnectedAsync("early");
        await using var subscription = await client.SubscribeAsync("early");
        for (var i = 0; i < 5; i++)
        {
            await client.PublishAsync(Message("early", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce));
        }

        var probe = new Probe();
        using var observer = subscription.Messages.Subscribe(probe);

        for (var i = 0; i < 5; i++)
        {
            (await probe.NextAsync()).Should().Be($"{i}");
        }
    }

    [Fact]
    public async Task Message_is_acknowledged_only_after_OnNext_returned()
    {
        await using var publisher = await ConnectedAsync("publisher");
        await using var subscriber = await ConnectedAsync("subscriber", o => o.ReceiveMaximum = 1);
        await using var subscription = await subscriber.SubscribeAsync(
            new MqttTopicFilter { Topic = "slow", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });
        using var gate = new SemaphoreSlim(0);
        var entered = new TaskCompletionSource();
        var probe = new Probe();
        using var observer = subscription.Messages
            .Do(_ =>
            {
                entered.TrySetResult();
                gate.Wait(Patience).Should().BeTrue();
            })
            .Subscribe(probe);
        await publisher.PublishAsync(Message("slow", "1", MqttQualityOfServiceLevel.AtLeastOnce));
        await publisher.PublishAsync(Message("slow", "2", MqttQualityOfServiceLevel.AtLeastOnce));
        await entered.Task.WaitAsync(Patience);

        // Only one message may be on its way with a Receive Maximum of 1: the broker's second waits for our PUBACK.
        // Another round trip through the same session gives it every chance to come too early.
        await using var roundTrip = await subscriber.SubscribeAsync("marker");
        _broker.Statistics.Delivered.Should().Be(1);

        gate.Release(2);
        (await probe.NextAsync()).Should().Be("1");
        (await probe.NextAsync()).Should().Be("2");
    }

    [Fact]
    public async Task Overlapping_filters_reach_each_observer_once()
    {
        await using var client = await ConnectedAsync("overlap");
        var probes = new List<Probe>();
        foreach (var filter in new[] { "a/b", "a/+", "a/#" })
        {
            probes.Add(new Probe());
            var subscription = await client.SubscribeAsync(filter);
            subscription.Messages.Subscribe(probes[^1]);
        }

        await client.PublishAsync(Message("a/b", "1"));
        await client.PublishAsync(Message("a/b", "2"));

        foreach (var probe in probes)
        {
            (await probe.NextAsync()).Should().Be("1");
            (await probe.NextAsync()).Should().Be("2");
            probe.Count.Should().Be(0);
        }
    }

    [Fact]
    public async Task Observer_that_throws_is_detached_and_reported_and_others_go_on()
    {
        await using var client = await ConnectedAsync("faulty");
        var dropped = client.DroppedMessages.FirstAsync().Timeout(Patience).GetAwaiter();
        await using var subscription = await client.SubscribeAsync("t");
        var probe = new Probe();
        using var bad = subscription.Messages.Subscribe(_ => throw new InvalidDataException("user fault"));
        using var good = subscription.Messages.Subscribe(probe);

        await client.PublishAsync(Message("t", "1"));
        await client.PublishAsync(Message("t", "2"));

        (await probe.NextAsync()).Should().Be("1");
        (await probe.NextAsync()).Should().Be("2");
        var report = await dropped;
        report.Reason.Should().Be(MessageDropReason.ObserverFailed);
        report.Error.Should().BeOfType<InvalidDataException>();
    }

    [Fact]
    public async Task Lost_connection_is_made_again_with_its_subscriptions()
    {
        await using var client = await ConnectedAsync("phoenix", o => o.ReconnectDelay = TimeSpan.FromMilliseconds(10));
        var states = new ConcurrentQueue<ConnectionState>();
        var twice = new TaskCompletionSource();
        using var watching = client.ConnectionStates.Subscribe(state =>
        {
            states.Enqueue(state);
            if (states.Count(s => s is ConnectionState.Connected) == 2)
            {
                twice.TrySetResult();
            }
        });
        var probe = new Probe();
        await using var subscription = await client.SubscribeAsync("after");
        using var observer = subscription.Messages.Subscribe(probe);

        _broker.Drop("phoenix").Should().BeTrue();
        await twice.Task.WaitAsync(Patience);
        await using var marker = await client.SubscribeAsync("marker");
        await client.PublishAsync(Message("after", "reborn"));

        (await probe.NextAsync()).Should().Be("reborn");
        states.OfType<ConnectionState.Reconnecting>().First().Cause.Should().BeOfType<QuicConnectionException>()
            .Which.Close.ErrorCode.Should().Be(ProxyErrorCodes.BrokerConnectionLost);
    }

    [Fact]
    public async Task Publishes_that_are_pending_when_the_connection_is_lost_are_sent_again()
    {
        await using var subscriber = await ConnectedAsync("subscriber");
        await using var subscription = await subscriber.SubscribeAsync(
            new MqttTopicFilter { Topic = "t", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });
        var seen = new ConcurrentDictionary<string, bool>();
        var all = new TaskCompletionSource();
        const int Count = 200;
        using var observer = subscription.Messages.Subscribe(m =>
        {
            seen[m.ConvertPayloadToString()] = true;
            if (seen.Count == Count)
            {
                all.TrySetResult();
            }
        });
        await using var publisher = await ConnectedAsync(
            "publisher", o => o.ReconnectDelay = TimeSpan.FromMilliseconds(10));

        var publishes = Enumerable.Range(0, Count)
            .Select(i => publisher.PublishAsync(Message("t", $"{i}", MqttQualityOfServiceLevel.AtLeastOnce)).AsTask())
            .ToArray();
        _broker.Drop("publisher");
        await Task.WhenAll(publishes).WaitAsync(Patience);

        await all.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task DisposeAsync_completes_every_stream_and_leaves_the_broker_in_order()
    {
        var client = await ConnectedAsync("leaver");
        var completed = new List<Task>
        {
            client.ConnectionStates.LastAsync().Timeout(Patience).ForEachAsync(_ => { }),
            client.Paths.LastAsync().Timeout(Patience).ForEachAsync(_ => { }),
            client.Messages("t").DefaultIfEmpty().Timeout(Patience).ForEachAsync(_ => { }),
        };

        await client.DisposeAsync();

        await Task.WhenAll(completed).WaitAsync(Patience);
        var act = async () => await client.PublishAsync(Message("t"));
        await act.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Paths_replays_the_current_set_and_the_selected_path()
    {
        await using var client = await ConnectedAsync("paths");

        var selected = await client.Paths.SelectedPaths().FirstAsync().Timeout(Patience);

        selected.IsLocal.Should().BeTrue();
    }

    private async Task<ScionMqttClient> ConnectedAsync(
        string clientId,
        Action<ScionMqttClientOptions>? configure = null)
    {
        var client = _world.Client(clientId, configure);
        await client.ConnectAsync().WaitAsync(Patience);
        return client;
    }

    private static MqttApplicationMessage Message(
        string topic,
        string payload = "",
        MqttQualityOfServiceLevel quality = MqttQualityOfServiceLevel.AtMostOnce) => new()
        {
            Topic = topic,
            Payload = Encoding.UTF8.GetBytes(payload),
            QualityOfServiceLevel = quality,
        };

    /// <summary>An observer that hands its messages to a test one by one.</summary>
    private sealed class Probe : IObserver<MqttApplicationMessage>
    {
        private readonly System.Threading.Channels.Channel<string> _seen =
            System.Threading.Channels.Channel.CreateUnbounded<string>();
        private readonly TaskCompletionSource<Exception> _failure = new();

        public int Count => _seen.Reader.Count;

        public Task<Exception> Failure => _failure.Task;

        public async Task<string> NextAsync() => await _seen.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public void OnNext(MqttApplicationMessage value) => _seen.Writer.TryWrite(value.ConvertPayloadToString() ?? "");

        public void OnError(Exception error) => _failure.TrySetResult(error);

        public void OnCompleted() => _failure.TrySetCanceled();
    }
}
