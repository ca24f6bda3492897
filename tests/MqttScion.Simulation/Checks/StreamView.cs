namespace MqttScion.Simulation;

/// <summary>What one side has sent of a stream, and may send.</summary>
internal sealed class StreamView(ulong contentKey, long limit)
{
    public ulong ContentKey { get; } = contentKey;

    /// <summary>Up to where the peer permits data.</summary>
    public long Limit { get; set; } = limit;

    /// <summary>The highest offset that was sent, plus one.</summary>
    public long Sent { get; set; }

    public long? FinalSize { get; set; }

    public bool IsReset { get; set; }
}
