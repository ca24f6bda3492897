namespace MqttScion.Quic.Tests;

/// <summary>
/// A test against quic-go. Skipped where its packages are not installed, unless MQTTSCION_REQUIRE_EXTERNAL is set: then
/// it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QuicGoFactAttribute : FactAttribute
{
    public QuicGoFactAttribute() =>
        Skip = Environment.GetEnvironmentVariable("MQTTSCION_REQUIRE_EXTERNAL") is null
            ? QuicGoProgram.SkipReason
            : null;
}
