namespace MqttScion.Proxy.Tests.Support;

/// <summary>
/// A test against Debian's mosquitto. Skipped where it is not installed, unless MQTTSCION_REQUIRE_EXTERNAL is set: then
/// it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MosquittoFactAttribute : FactAttribute
{
    public MosquittoFactAttribute()
    {
        Skip = Reason;
    }

    /// <summary>Why such tests are skipped; null when they run.</summary>
    internal static string? Reason =>
        Mosquitto.Executable is null && Environment.GetEnvironmentVariable("MQTTSCION_REQUIRE_EXTERNAL") is null
            ? "mosquitto is not installed: apt install mosquitto"
            : null;
}

/// <summary>Like <see cref="MosquittoFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MosquittoTheoryAttribute : TheoryAttribute
{
    public MosquittoTheoryAttribute() => Skip = MosquittoFactAttribute.Reason;
}
