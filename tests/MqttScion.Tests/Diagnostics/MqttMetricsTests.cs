using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Diagnostics;

[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class MqttMetricsTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;
    private ServiceProvider _services = null!;
    private MeterRecorder _meter = null!;

    private IScionMqttClient Client => _services.GetRequiredKeyedService<IScionMqttClient>("plant");

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizePublish = (_, message) => message.Topic == "refused"
                ? MqttClientPublishReasonCode.NotAuthorized
                : MqttClientPublishReasonCode.Success,
        });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
        var services = new ServiceCollection().AddMetrics();
        services.AddScionMqtt("plant", o =>
        {
            _world.Configure(o, "metered");
            o.ReconnectDelay = TimeSpan.FromMilliseconds(10);
        });
        _services = services.BuildServiceProvider();
        _meter = new MeterRecorder(_services.GetRequiredService<IMeterFactory>());
    }

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        _meter.Dispose();
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Publish_and_message_are_counted_and_timed()
    {
        await Client.ConnectAsync().WaitAsync(Patience);
        await using var subscription = await Client.SubscribeAsync("t");
        using var observer = subscription.Messages.Subscribe(_ => { });

        await Client.PublishAsync(Messages.Of("t", "12345", qos: 1));

        var sent = await _meter.FirstAsync("messaging.client.sent.messages");
        sent.Value.Should().Be(1);
        sent.Tags.Should().BeEquivalentTo(new Dictionary<string, object?>
        {
            ["messaging.system"] = "mqtt",
            ["messaging.operation.name"] = "publish",
            ["mqttscion.client.name"] = "plant",
            ["mqtt.qos"] = 1,
        });
        (await _meter.FirstAsync("messaging.client.operation.duration")).Value.Should().BePositive();
        (await _meter.FirstAsync("mqttscion.client.sent.bytes")).Value.Should().Be(5);
        (await _meter.FirstAsync("mqttscion.client.received.bytes")).Value.Should().Be(5);
        var consumed = await _meter.FirstAsync("messaging.client.consumed.messages");
        consumed.Tags["messaging.operation.name"].Should().Be("process");
        (await _meter.FirstAsync("messaging.process.duration")).Tags.Should().BeEquivalentTo(consumed.Tags);
    }

    [Fact]
    public async Task Refused_publish_carries_the_reason_and_no_bytes()
    {
        await Client.ConnectAsync().WaitAsync(Patience);

        await Client.PublishAsync(Messages.Of("refused", "12345", qos: 1));

        (await _meter.FirstAsync("messaging.client.sent.messages")).Tags["error.type"].Should().Be("NotAuthorized");
        _meter.All("mqttscion.client.sent.bytes").Should().BeEmpty();
    }

    [Fact]
    public async Task Publish_that_is_not_awaited_counts_too()
    {
        await Client.ConnectAsync().WaitAsync(Patience);

        await Client.EnqueueAsync(Messages.Of("t", "1", qos: 1));

        (await _meter.FirstAsync("messaging.client.sent.messages")).Tags.Should().NotContainKey("error.type");
    }

    [Fact]
    public async Task Dropped_message_counts_with_its_reason()
    {
        await Client.ConnectAsync().WaitAsync(Patience);
        await using var subscription = await Client.SubscribeAsync("t");
        using var observer = subscription.Messages.Subscribe(_ => throw new InvalidDataException("user fault"));

        _broker.Publish(Messages.Of("t", "1"));

        (await _meter.FirstAsync("mqttscion.client.dropped.messages")).Tags["mqttscion.drop.reason"]
            .Should().Be("ObserverFailed");
        (await _meter.FirstAsync("messaging.client.consumed.messages")).Tags["error.type"]
            .Should().Be(typeof(InvalidDataException).FullName);
    }

    [Fact]
    public async Task Connections_and_subscriptions_are_observed_and_reconnects_counted()
    {
        _ = Client;
        _meter.Observe("mqttscion.client.connections")!.Value.Should().Be(0);
        await Client.ConnectAsync().WaitAsync(Patience);
        await using var subscription = await Client.SubscribeAsync("t");

        _meter.Observe("mqttscion.client.connections")!.Value.Should().Be(1);
        _meter.Observe("mqttscion.client.subscriptions")!.Value.Should().Be(1);
        _meter.Observe("mqttscion.client.outbox.messages")!.Value.Should().Be(0);
        _meter.All("mqttscion.client.reconnects").Should().BeEmpty();
        _broker.Drop("metered");

        (await _meter.FirstAsync("mqttscion.client.reconnects")).Value.Should().Be(1);
    }

    [Fact]
    public async Task Pending_publishes_are_observed_while_the_server_is_silent()
    {
        await Client.ConnectAsync().WaitAsync(Patience);
        _broker.Freeze();

        var publish = Client.PublishAsync(Messages.Of("t", "12345", qos: 1)).AsTask();

        _meter.Observe("mqttscion.client.outbox.messages")!.Value.Should().Be(1);
        _meter.Observe("mqttscion.client.outbox.bytes")!.Value.Should().BeGreaterThan(5);
        _broker.Thaw();
        await publish.WaitAsync(Patience);
        _meter.Observe("mqttscion.client.outbox.messages")!.Value.Should().Be(0);
    }

    [Fact]
    public async Task Client_that_is_disposed_is_observed_no_more()
    {
        await Client.DisposeAsync();

        _meter.Observe("mqttscion.client.connections").Should().BeNull();
    }

    [Fact]
    public void Path_switch_counts_and_the_first_choice_does_not()
    {
        using var factory = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = factory.GetRequiredService<IMeterFactory>();
        using var recorder = new MeterRecorder(meters);
        using var paths = new System.Reactive.Subjects.Subject<Scion.PathEvent>();
        using var watch = new ConnectionWatch(
            paths, new ClientMetrics(new MqttMetrics(meters), ""), TimeProvider.System);
        var (first, second) = (PathOf("1-ff00:0:110"), PathOf("1-ff00:0:111"));
        watch.OnState(new ConnectionState.Connected(first, SessionPresent: false));

        paths.OnNext(new Scion.PathEvent.Selected(first, Previous: null, "connected"));
        recorder.All("mqttscion.client.path.switches").Should().BeEmpty();
        paths.OnNext(new Scion.PathEvent.Selected(second, first, "down"));

        recorder.All("mqttscion.client.path.switches").Should().ContainSingle().Which.Value.Should().Be(1);
        watch.Read().Path.Should().Be(second);
    }

    [Fact]
    public async Task Client_without_a_container_counts_on_the_meter_of_the_process()
    {
        using var recorder = new MeterRecorder(factory: null);
        _ = Client;
        await using var client = _world.Client("lonely");

        recorder.Instruments.Keys.Should().HaveCount(13).And.BeEquivalentTo(_meter.Instruments.Keys);
    }

    [Fact]
    public void Durations_come_with_buckets_for_seconds()
    {
        using var recorder = new MeterRecorder(factory: null);
        _ = MqttMetrics.Shared;

        recorder.Instruments.Values.OfType<Histogram<double>>().Should().HaveCount(2)
            .And.OnlyContain(h => h.Advice!.HistogramBucketBoundaries!.Contains(0.005));
    }

    private static Scion.ScionPath PathOf(string isdAs) =>
        Scion.ScionPath.SameAs(Scion.IsdAs.Parse(isdAs), mtu: 1472, DateTimeOffset.MaxValue);
}
