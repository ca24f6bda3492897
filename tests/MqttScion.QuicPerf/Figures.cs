using System.Text.Json;

namespace MqttScion.QuicPerf;

/// <summary>What the process used so far.</summary>
/// <param name="UserSeconds">CPU time of the process outside the kernel.</param>
/// <param name="SystemSeconds">CPU time of the process in the kernel.</param>
/// <param name="HashSeconds">How much of it SHA-256 took.</param>
/// <param name="AllocatedBytes">Managed bytes allocated.</param>
internal readonly record struct Figures(
    double UserSeconds, double SystemSeconds, double HashSeconds, long AllocatedBytes)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>All CPU time but that of hashes.</summary>
    public double EngineSeconds => UserSeconds + SystemSeconds - HashSeconds;

    /// <summary>Reads the counters of this process.</summary>
    public static Figures Take()
    {
        var usage = Environment.CpuUsage;
        return new Figures(
            usage.UserTime.TotalSeconds,
            usage.PrivilegedTime.TotalSeconds,
            TimedHash.Elapsed.TotalSeconds,
            GC.GetTotalAllocatedBytes());
    }

    /// <summary>What was used between two moments.</summary>
    public static Figures operator -(in Figures later, in Figures earlier) => new(
        later.UserSeconds - earlier.UserSeconds,
        later.SystemSeconds - earlier.SystemSeconds,
        later.HashSeconds - earlier.HashSeconds,
        later.AllocatedBytes - earlier.AllocatedBytes);

    /// <summary>UTF-8 JSON of anything, on one line.</summary>
    public static byte[] ToJson<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote; null when there is nothing.</summary>
    public static Figures? FromJson(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? null : JsonSerializer.Deserialize<Figures>(bytes, Json);
}
