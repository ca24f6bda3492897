namespace MqttScion.Proxy.Tests.Support;

/// <summary>
/// A test against Debian's mosquitto. Skipped where it is not installed, unless MQTTSCION_REQUIRE_EXTERNAL is set: then it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MosquittoFactAttribute : FactAttribute
{
    public MosquittoFactAttribute()
    {
        if (Mosquitto.Executable is null && Environment.GetEnvironmentVariable("MQTTSCION_REQUIRE_EXTERNAL") is null)
        {
            Skip = "mosquitto is not installed: apt install mosquitto";
        }
    }
}
