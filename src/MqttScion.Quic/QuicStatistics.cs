namespace MqttScion.Quic;

/// <summary>Counters of a connection and the state of its current path.</summary>
public readonly record struct QuicStatistics
{
    /// <summary>The smoothed round-trip time of the current path; 333 ms before the first sample.</summary>
    public TimeSpan SmoothedRtt { get; init; }

    /// <summary>The latest round-trip time sample of the current path.</summary>
    public TimeSpan LatestRtt { get; init; }

    /// <summary>The congestion window of the current path in bytes.</summary>
    public long CongestionWindow { get; init; }

    /// <summary>Bytes in flight on the current path.</summary>
    public long BytesInFlight { get; init; }

    /// <summary>Whether the current path was seen to carry ECN marks.</summary>
    public bool IsEcnCapable { get; init; }

    /// <summary>Packets sent.</summary>
    public long SentPackets { get; init; }

    /// <summary>Authentic packets received, duplicates left out.</summary>
    public long ReceivedPackets { get; init; }

    /// <summary>Packets declared lost.</summary>
    public long LostPackets { get; init; }

    /// <summary>QUIC bytes sent.</summary>
    public long SentBytes { get; init; }

    /// <summary>QUIC bytes received.</summary>
    public long ReceivedBytes { get; init; }

    /// <summary>Packets that were dropped: not authentic, malformed, duplicate or without keys.</summary>
    public long DroppedPackets { get; init; }
}
