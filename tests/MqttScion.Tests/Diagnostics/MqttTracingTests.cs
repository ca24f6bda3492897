using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;
using MqttScion.Tests.Support;

namespace MqttScion.Tests.Diagnostics;

[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
[Collection(TelemetryGroup.Name)]
public sealed class MqttTracingTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private PocketBroker _broker = null!;
    private SameAsWorld _world = null!;

    public async Task InitializeAsync()
    {
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            MaximumPacketSize = 1000,
            AuthorizePublish = (_, message) => message.Topic == "trace/refused"
                ? MqttClientPublishReasonCode.NotAuthorized
                : MqttClientPublishReasonCode.Success,
        });
        _world = new SameAsWorld(_broker.EndPoint.ToString());
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Publish_and_process_are_spans_of_one_trace()
    {
        using var spans = new SpanRecorder("trace/one");
        await using var client = await ConnectedAsync("tracer");
        await using var subscription = await client.SubscribeAsync("trace/+");
        Activity? current = null;
        using var observer = subscription.Messages.Subscribe(_ => current = Activity.Current);

        await client.PublishAsync(Messages.Of("trace/one", "12345", qos: 1));

        var ended = new[] { await spans.NextAsync(), await spans.NextAsync() };
        var publish = ended.Single(s => s.Kind == ActivityKind.Producer);
        var process = ended.Single(s => s.Kind == ActivityKind.Consumer);
        publish.OperationName.Should().Be("publish");
        publish.ParentSpanId.Should().Be(spans.Root.SpanId);
        process.OperationName.Should().Be("process trace/+");
        process.ParentSpanId.Should().Be(publish.SpanId);
        process.HasRemoteParent.Should().BeTrue();
        current.Should().BeSameAs(process);
        publish.TagObjects.Should().Contain(new KeyValuePair<string, object?>[]
        {
            new("messaging.system", "mqtt"), new("messaging.operation.type", "send"),
            new("messaging.destination.name", "trace/one"), new("messaging.message.body.size", 5),
            new("mqtt.qos", 1), new("messaging.client.id", "tracer"), new("mqtt.reason_code", 0),
        });
        process.GetTagItem("messaging.destination.template").Should().Be("trace/+");
    }

    [Fact]
    public async Task Refused_publish_is_an_error_with_its_reason()
    {
        using var spans = new SpanRecorder("trace/refused");
        await using var client = await ConnectedAsync("refused-tracer");

        await client.PublishAsync(Messages.Of("trace/refused", qos: 1));

        var span = await spans.NextAsync();
        span.Status.Should().Be(ActivityStatusCode.Error);
        span.GetTagItem("error.type").Should().Be("NotAuthorized");
        span.GetTagItem("mqtt.reason_code").Should().Be(0x87);
    }

    [Fact]
    public async Task Publish_that_throws_is_an_error()
    {
        using var spans = new SpanRecorder("trace/off");
        await using var client = _world.Client("never");

        var act = async () => await client.PublishAsync(Messages.Of("trace/off"));

        await act.Should().ThrowAsync<MqttNotConnectedException>();
        (await spans.NextAsync()).GetTagItem("error.type").Should().Be(typeof(MqttNotConnectedException).FullName);
    }

    [Fact]
    public async Task Observer_that_throws_makes_an_error_of_its_span()
    {
        using var spans = new SpanRecorder("trace/throws");
        await using var client = await ConnectedAsync("thrower");
        await using var subscription = await client.SubscribeAsync("trace/throws");
        using var observer = subscription.Messages.Subscribe(_ => throw new InvalidDataException("user fault"));

        _broker.Publish(Messages.Of("trace/throws", "x"));

        var span = await spans.NextAsync();
        span.Status.Should().Be(ActivityStatusCode.Error);
        span.ParentSpanId.Should().Be(default(ActivitySpanId), "the message carried no context");
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    public async Task Context_travels_when_allowed_and_when_it_fits(bool isAllowed, bool isLarge, bool travels)
    {
        using var spans = new SpanRecorder("trace/carries");
        await using var client = await ConnectedAsync("carrier", o => o.PropagateTraceContext = isAllowed);
        await using var subscription = await client.SubscribeAsync("trace/carries");
        var seen = subscription.Messages.Collect();

        var result = await client.PublishAsync(
            Messages.Of("trace/carries", new string('x', isLarge ? 950 : 10), qos: 1));

        result.IsSuccess.Should().BeTrue();
        (await seen.NextAsync()).TryGetTraceContext(out var context).Should().Be(travels);
        context.TraceId.Should().Be(travels ? spans.Root.TraceId : default);
    }

    [Fact]
    public async Task Without_listener_no_context_is_added()
    {
        using var root = new Activity("test").Start();
        await using var client = await ConnectedAsync("quiet");
        await using var subscription = await client.SubscribeAsync("trace/quiet");
        var seen = subscription.Messages.Collect();

        await client.PublishAsync(Messages.Of("trace/quiet", qos: 1));

        (await seen.NextAsync()).UserProperties.Should().BeEmpty();
    }

    [Fact]
    public void Processing_allocates_nothing_when_nobody_listens()
    {
        var telemetry = new ClientTelemetry(new ScionMqttClientOptions(), new MqttMetrics());
        var message = Messages.Of("t", "payload", qos: 1);
        var result = new MqttClientPublishResult();
        RunOnce();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            RunOnce();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);

        void RunOnce()
        {
            new MessageProcessing(telemetry, message, "t").End();
            telemetry.Metrics.OnReceived(message);
            telemetry.Metrics.OnPublished(message, result, acceptedAt: 0, TimeProvider.System);
            telemetry.Metrics.OnDropped(MessageDropReason.QueueFull);
            telemetry.Metrics.OnPathSwitched();
        }
    }

    private async Task<ScionMqttClient> ConnectedAsync(
        string clientId, Action<ScionMqttClientOptions>? configure = null)
    {
        var client = _world.Client(clientId, configure);
        await client.ConnectAsync().WaitAsync(Patience);
        return client;
    }
}
