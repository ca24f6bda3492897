namespace MqttScion.Udp;

/// <summary>One received datagram; its bytes lie in a buffer of whoever gave it.</summary>
public readonly ref struct UdpDatagram
{
    /// <summary>The payload, or as much of it as there was room for. The taker may overwrite it.</summary>
    public Span<byte> Bytes { get; init; }

    /// <summary>Where it came from.</summary>
    public UdpAddress Sender { get; init; }

    /// <summary>The ECN field of the IP packet; <see cref="UdpEcn.NotEct"/> where the system doesn't tell.</summary>
    public UdpEcn Ecn { get; init; }

    /// <summary>True when the datagram was longer than the room for it; the rest is lost.</summary>
    public bool IsTruncated { get; init; }
}
