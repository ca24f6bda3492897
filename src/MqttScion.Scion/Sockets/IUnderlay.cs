using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>What carries SCION packets between a host and the network of its AS: UDP to border routers and neighbours,
/// or a tunnel to one who hands them on.</summary>
/// <remarks>
/// One thread uses it, which waits on <see cref="UdpSocket"/>. What an underlay needs before it has an address, such as
/// the handshake of a tunnel, is done before it is made.
/// </remarks>
public interface IUnderlay : IDisposable
{
    /// <summary>The address and port that SCION packets carry as their source host and port; of a tunnel, those that
    /// were assigned.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>The UDP socket by which packets come, to wait on.</summary>
    BatchedUdpSocket UdpSocket { get; }

    /// <summary>Bytes that the underlay puts around each SCION packet, inside the UDP datagram: a path carries packets
    /// that are so much smaller. UDP itself puts none.</summary>
    int OverheadBytes => 0;

    /// <summary>True while packets that were taken from the socket wait for <see cref="TryReceive"/>.</summary>
    bool HasPackets { get; }

    /// <summary>When <see cref="OnTimeout"/> must be called next, in the loop's time; null while nothing needs
    /// upkeep.</summary>
    TimeSpan? NextTimeout => null;

    /// <summary>Takes one SCION packet if there is one.</summary>
    /// <param name="packet">The packet, with the router or neighbour that sent it; good until the next call.</param>
    /// <returns>False when no packet is waiting.</returns>
    bool TryReceive(out UdpDatagram packet);

    /// <summary>Sends one SCION packet to a next hop; an error concerns this packet only.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="nextHop">The router or neighbour; a tunnel has its own way.</param>
    /// <param name="ecn">The ECN field of the packet that carries it, where the system lets us set it.</param>
    UdpSendResult Send(ReadOnlySpan<byte> packet, in UdpAddress nextHop, UdpEcn ecn = UdpEcn.NotEct);

    /// <summary>Sends a flight of packets of one length, the last of which may be shorter, to one next hop.</summary>
    /// <param name="packets">The packets, back to back.</param>
    /// <param name="packetLength">The length of each in bytes.</param>
    /// <param name="nextHop">As for a single packet.</param>
    /// <param name="sentCount">The number of packets sent.</param>
    /// <param name="ecn">The ECN field of the packets that carry them, where the system lets us set it.</param>
    /// <returns>The result of the first packet that was not sent, or <see cref="UdpSendResult.Sent"/>.</returns>
    UdpSendResult Send(
        ReadOnlySpan<byte> packets,
        int packetLength,
        in UdpAddress nextHop,
        out int sentCount,
        UdpEcn ecn = UdpEcn.NotEct);

    /// <summary>Does what is due: keep-alives, new keys.</summary>
    /// <param name="now">The loop's time; it never runs backwards and is not negative.</param>
    void OnTimeout(TimeSpan now)
    {
    }
}
