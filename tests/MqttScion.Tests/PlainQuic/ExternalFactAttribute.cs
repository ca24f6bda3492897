using MqttScion.Proxy.Tests.Support;
using MqttScion.Quic.Tests;

namespace MqttScion.Tests.PlainQuic;

/// <summary>
/// A test against quic-go and mosquitto. Skipped where they are not installed, unless MQTTSCION_REQUIRE_EXTERNAL is
/// set: then it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ExternalFactAttribute : FactAttribute
{
    public ExternalFactAttribute() => Skip = MosquittoFactAttribute.Reason
        ?? (Environment.GetEnvironmentVariable("MQTTSCION_REQUIRE_EXTERNAL") is null ? QuicGoProgram.SkipReason : null);
}
