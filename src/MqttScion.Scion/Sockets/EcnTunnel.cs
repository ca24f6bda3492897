using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>The two ECN fields of a SCION packet: its own, and that of the IP packet which carries it.</summary>
internal static class EcnTunnel
{
    private const byte EcnBits = 0b0011_0000; // Of the second byte: the traffic class lies across the first two.
    private const int EcnShift = 4;

    /// <summary>Marks a SCION packet.</summary>
    internal static void Write(Span<byte> packet, UdpEcn ecn) =>
        packet[1] = (byte)(packet[1] & ~EcnBits | (int)ecn << EcnShift);

    /// <summary>What the receiver sees (RFC 6040 §4.2).</summary>
    /// <param name="inner">The ECN field of the SCION packet, which routers hand on.</param>
    /// <param name="outer">That of the IP packet, which tells of the last link only.</param>
    internal static UdpEcn Combine(UdpEcn inner, UdpEcn outer) => (inner, outer) switch
    {
        // The RFC drops this packet in favour of transports that know no ECN. Its sender sees the same congestion in
        // what the queue drops; we keep it.
        (UdpEcn.NotEct, _) => UdpEcn.NotEct,
        (_, UdpEcn.Ce) => UdpEcn.Ce,
        (UdpEcn.Ect0, UdpEcn.Ect1) => UdpEcn.Ect1,
        _ => inner,
    };
}
