namespace MqttScion.Quic;

/// <summary>A packet in flight; taken from and given back to <see cref="SentPackets"/>.</summary>
internal sealed class SentPacket
{
    public long Number { get; set; }

    /// <summary>The number of the packet among those of its space and path.</summary>
    public long PathSequence { get; set; }

    public TimeSpan SentAt { get; set; }

    public int SizeBytes { get; set; }

    public bool IsAckEliciting { get; set; }

    /// <summary>Whether the packet probes for the path's size: its loss is no sign of congestion.</summary>
    public bool IsMtuProbe { get; set; }

    /// <summary>Whether the packet is about a path: its loss is no sign of congestion (RFC 9000 §9.4).</summary>
    public bool IsPathProbe { get; set; }

    /// <summary>Whether the packet's datagram was marked as ECN-capable.</summary>
    public bool IsMarked { get; set; }

    /// <summary>The largest packet number that the packet's ACK frame acknowledged, or -1.</summary>
    public long LargestAcknowledged { get; set; }

    public required NetworkPath Path { get; set; }

    public List<SentFrame> Frames { get; } = [];
}
