namespace MqttScion.Quic;

/// <summary>How far the probe timeouts of a path have backed off (RFC 9002 §6.2.1).</summary>
internal struct ProbeBackoff
{
    private const int MaxExponent = 10;

    /// <summary>How often the probe timer fired in a row: pto_count.</summary>
    public int Count { get; private set; }

    /// <summary>When it fired last.</summary>
    public TimeSpan LastAt { get; private set; }

    /// <summary>A probe timeout, doubled for each time in a row.</summary>
    public readonly TimeSpan Apply(TimeSpan timeout) => Apply(timeout, Count);

    /// <summary>A timeout that was doubled so often.</summary>
    public static TimeSpan Apply(TimeSpan timeout, int count) => new(timeout.Ticks << Math.Min(count, MaxExponent));

    public void OnTimeout(TimeSpan now) => (Count, LastAt) = (Count + 1, now);

    public void Reset() => Count = 0;
}
