namespace MqttScion;

/// <summary>What a client tells about itself: metrics and spans.</summary>
/// <param name="options">The client's.</param>
/// <param name="metrics">The instruments; null for those of clients that no container made.</param>
/// <param name="name">The name of a named client, else empty.</param>
internal sealed class ClientTelemetry(
    ScionMqttClientOptions options, MqttMetrics? metrics = null, string name = "")
{
    public ClientMetrics Metrics { get; } = new(metrics ?? MqttMetrics.Shared, name);

    public MqttTracing Tracing { get; } = new(name, options.ClientId, options.PropagateTraceContext);
}
