namespace MqttScion.Quic.Tests;

/// <summary>
/// A test against ngtcp2. Skipped where its programs are not installed, unless MQTTSCION_REQUIRE_EXTERNAL is set: then
/// it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Ngtcp2FactAttribute : FactAttribute
{
    public Ngtcp2FactAttribute() =>
        Skip = Environment.GetEnvironmentVariable("MQTTSCION_REQUIRE_EXTERNAL") is null ? Ngtcp2.SkipReason : null;
}
