using MqttScion.Quic;

namespace MqttScion.QuicPerf;

/// <summary>The counters of a connection, for JSON.</summary>
internal sealed record ConnectionReport
{
    /// <summary>Datagram bytes that left.</summary>
    public long SentBytes { get; init; }

    /// <summary>Datagram bytes that came.</summary>
    public long ReceivedBytes { get; init; }

    /// <summary>Packets that left.</summary>
    public long SentPackets { get; init; }

    /// <summary>Packets that came.</summary>
    public long ReceivedPackets { get; init; }

    /// <summary>Packets declared lost.</summary>
    public long LostPackets { get; init; }

    /// <summary>Probe timeouts.</summary>
    public long ProbeTimeouts { get; init; }

    /// <summary>Smoothed round trip in milliseconds.</summary>
    public double RttMs { get; init; }

    /// <summary>Least round trip in milliseconds.</summary>
    public double MinRttMs { get; init; }

    /// <summary>Congestion window in bytes.</summary>
    public long CongestionWindow { get; init; }

    /// <summary>The largest datagram in bytes.</summary>
    public int MaxDatagram { get; init; }

    /// <summary>Why it ended, or null.</summary>
    public string? Closed { get; init; }

    /// <summary>Reads the counters of a connection.</summary>
    public static ConnectionReport Of(QuicConnection quic)
    {
        var statistics = quic.Statistics;
        return new ConnectionReport
        {
            SentBytes = statistics.SentBytes,
            ReceivedBytes = statistics.ReceivedBytes,
            SentPackets = statistics.SentPackets,
            ReceivedPackets = statistics.ReceivedPackets,
            LostPackets = statistics.LostPackets,
            ProbeTimeouts = statistics.ProbeTimeouts,
            RttMs = statistics.SmoothedRtt.TotalMilliseconds,
            MinRttMs = statistics.MinRtt.TotalMilliseconds,
            CongestionWindow = statistics.CongestionWindow,
            MaxDatagram = statistics.MaxDatagramBytes,
            Closed = quic.CloseReason?.ToString(),
        };
    }
}
