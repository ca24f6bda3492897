using System.Diagnostics.CodeAnalysis;
using System.Reactive.Linq;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.PlainQuic;

/// <summary>A client whose topics are spread over QUIC streams, against the embedded broker, and against servers that
/// allow one stream.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class DataStreamsOverQuicTests : IAsyncLifetime
{
    private const int TopicCount = 20;

    private readonly PlainQuicWorld _world = new();

    private static TimeSpan Patience => PlainQuicWorld.Patience;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Messages_go_out_and_come_back_once_and_in_the_order_of_their_topics(int qos)
    {
        await _world.StartAsync();
        await using var client = Client("c");
        (await ConnectAsync(client)).DataStreams.Should().Be(4);
        var received = Observable.Merge(Enumerable.Range(0, TopicCount)
            .Select(i => client.Messages(Messages.Filter($"t/{i}", qos)))).Collect();
        foreach (var i in Enumerable.Range(0, TopicCount))
        {
            await using var subscription = await client.SubscribeAsync(Messages.Filter($"t/{i}", qos));
        }

        await PublishAsync(client, count: 10, qos);

        var messages = await TakeAsync(received, 10 * TopicCount);
        foreach (var topic in messages.GroupBy(m => m.Topic))
        {
            topic.Select(m => m.ConvertPayloadToString()).Should().Equal(
                Enumerable.Range(0, 10).Select(i => $"{topic.Key}:{i}"));
        }
        messages.Should().HaveCount(10 * TopicCount);
    }

    [Fact]
    public async Task Streams_that_the_broker_resets_in_mid_flight_lose_nothing_of_QoS_1()
    {
        await _world.StartAsync();
        await using var subscriber = _world.Client("sub");
        await ConnectAsync(subscriber);
        var received = subscriber.Messages(Messages.Filter("t/#", 1)).Collect();
        await using var subscription = await subscriber.SubscribeAsync(Messages.Filter("t/#", 1));
        await using var publisher = Client("pub");
        await ConnectAsync(publisher);

        var publishing = PublishAsync(publisher, count: 100, qos: 1);
        var dropped = 0;
        while (!publishing.IsCompleted)
        {
            await Task.WhenAny(publishing, Task.Delay(10));
            dropped += _world.Broker.DropDataStreams("pub");
        }

        await publishing;
        dropped.Should().BePositive();
        var seen = new HashSet<string>();
        while (seen.Count < 100 * TopicCount)
        {
            seen.Add((await received.NextAsync()).ConvertPayloadToString());
        }
    }

    [Fact]
    public async Task Connection_that_is_lost_comes_back_with_its_streams_and_subscriptions()
    {
        await _world.StartAsync();
        await using var client = Client("c", o => o.SessionExpiryInterval = TimeSpan.FromMinutes(5));
        var states = client.ConnectionStates.OfType<ConnectionState.Connected>().Collect();
        await client.ConnectAsync().WaitAsync(Patience);
        await states.NextAsync();
        var received = client.Messages(Messages.Filter("t/#", 0)).Collect();
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t/#", 0));

        _world.Broker.Drop("c").Should().BeTrue();
        (await states.NextAsync()).Should().Match<ConnectionState.Connected>(s =>
            s.SessionPresent && s.DataStreams == 4);

        // The SUBSCRIBE is on its way anew; what is published before the broker has it has no subscriber.
        MqttClientPublishReasonCode code;
        do
        {
            var publishing = client.PublishAsync(Messages.Of("t/1", "back", qos: 1)).AsTask();
            code = (await publishing.WaitAsync(Patience)).ReasonCode;
        }
        while (code == MqttClientPublishReasonCode.NoMatchingSubscribers);
        (await received.NextAsync()).Topic.Should().Be("t/1");
    }

    [Fact]
    public async Task Disconnect_loses_nothing_that_was_published_with_QoS_0()
    {
        await _world.StartAsync();
        await using var subscriber = _world.Client("sub");
        await ConnectAsync(subscriber);
        var received = subscriber.Messages(Messages.Filter("t/#", 0)).Collect();
        await using var subscription = await subscriber.SubscribeAsync(Messages.Filter("t/#", 0));
        await using var publisher = Client("pub");
        await ConnectAsync(publisher);

        await PublishAsync(publisher, count: 10, qos: 0);
        await publisher.DisconnectAsync().WaitAsync(Patience);

        await TakeAsync(received, 10 * TopicCount);
    }

    [Fact]
    public async Task Broker_that_allows_fewer_streams_is_sent_on_those()
    {
        await _world.StartAsync(configure: o => o with { MaximumDataStreams = 2 });
        await using var client = Client("c");

        (await ConnectAsync(client)).DataStreams.Should().Be(2);

        await PublishAsync(client, count: 2, qos: 1);
    }

    [Fact]
    public async Task Proxy_that_allows_one_stream_carries_everything_on_it()
    {
        await _world.StartAsync();
        await using var scion = new SameAsWorld(_world.Broker.EndPoint.ToString());
        await CheckOneStreamAsync(scion);
    }

    [MosquittoFact]
    public async Task Mosquitto_behind_a_proxy_gets_everything_on_one_stream()
    {
        await using var mosquitto = await Mosquitto.StartAsync();
        await using var scion = new SameAsWorld(mosquitto.Address);
        await CheckOneStreamAsync(scion);
    }

    private static async Task CheckOneStreamAsync(SameAsWorld scion)
    {
        await using var client = scion.Client("c", o => o.DataStreams = 4);
        (await ConnectAsync(client)).DataStreams.Should().Be(0);
        var received = client.Messages(Messages.Filter("t/#", 2)).Collect();
        await using var subscription = await client.SubscribeAsync(Messages.Filter("t/#", 2));

        await PublishAsync(client, count: 5, qos: 1);

        (await TakeAsync(received, 5 * TopicCount)).Select(m => m.ConvertPayloadToString()).Should().Equal(
            from i in Enumerable.Range(0, 5) from t in Enumerable.Range(0, TopicCount) select $"t/{t}:{i}");
    }

    private ScionMqttClient Client(string clientId, Action<ScionMqttClientOptions>? configure = null) =>
        _world.Client(clientId, configure: o =>
        {
            o.DataStreams = 4;
            o.SessionExpiryInterval = TimeSpan.Zero;
            configure?.Invoke(o);
        });

    private static async Task<ConnectionState.Connected> ConnectAsync(ScionMqttClient client)
    {
        await client.ConnectAsync().WaitAsync(Patience);
        return await client.ConnectionStates.OfType<ConnectionState.Connected>().FirstAsync().Timeout(Patience);
    }

    /// <summary>Publishes on all topics in turn, without a wait in between; ends when all are answered.</summary>
    private static async Task PublishAsync(ScionMqttClient client, int count, int qos)
    {
        var publishes =
            from i in Enumerable.Range(0, count)
            from t in Enumerable.Range(0, TopicCount)
            select client.PublishAsync(Messages.Of($"t/{t}", $"t/{t}:{i}", qos)).AsTask();
        var results = await Task.WhenAll(publishes).WaitAsync(Patience);
        results.Should().OnlyContain(r => r.IsSuccess);
    }

    private static async Task<List<MqttApplicationMessage>> TakeAsync(
        System.Threading.Channels.ChannelReader<MqttApplicationMessage> received, int count)
    {
        var messages = new List<MqttApplicationMessage>();
        while (messages.Count < count)
        {
            messages.Add(await received.NextAsync());
        }
        return messages;
    }
}
