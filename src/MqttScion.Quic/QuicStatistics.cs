namespace MqttScion.Quic;

/// <summary>Counters of a connection and the state of its current path.</summary>
public readonly record struct QuicStatistics
{
    /// <summary>The path that is sent on.</summary>
    public int PathId { get; init; }

    /// <summary>The largest datagram that is sent on the current path, in bytes.</summary>
    public int MaxDatagramBytes { get; init; }

    /// <summary>The least round-trip time of the current path; zero before the first sample.</summary>
    public TimeSpan MinRtt { get; init; }

    /// <summary>How much the round-trip time of the current path varies.</summary>
    public TimeSpan RttVariation { get; init; }

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

    /// <summary>Bytes of the packets declared lost.</summary>
    public long LostBytes { get; init; }

    /// <summary>How often nothing was heard for a probe timeout while something was in flight.</summary>
    public long ProbeTimeouts { get; init; }

    /// <summary>How often the 1-RTT keys were updated; odd numbers go with key phase 1.</summary>
    public int KeyUpdates { get; init; }

    /// <summary>Unreliable datagrams that were dropped here: not read in time, or too long for a new path.</summary>
    public long DroppedDatagrams { get; init; }

    /// <summary>QUIC bytes sent.</summary>
    public long SentBytes { get; init; }

    /// <summary>QUIC bytes received.</summary>
    public long ReceivedBytes { get; init; }

    /// <summary>Packets that were dropped: not authentic, malformed, duplicate or without keys.</summary>
    public long DroppedPackets { get; init; }
}
