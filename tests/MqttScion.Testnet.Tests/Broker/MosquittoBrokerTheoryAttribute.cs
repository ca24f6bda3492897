using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Testnet.Tests;

/// <summary>A test against the mosquitto broker. Skipped where it is not installed, unless MQTTSCION_REQUIRE_EXTERNAL
/// is set: then it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MosquittoBrokerTheoryAttribute : TheoryAttribute
{
    public MosquittoBrokerTheoryAttribute()
    {
        if (Mosquitto.Executable is null && Environment.GetEnvironmentVariable("MQTTSCION_REQUIRE_EXTERNAL") is null)
        {
            Skip = "mosquitto is not installed: apt install mosquitto";
        }
    }
}
