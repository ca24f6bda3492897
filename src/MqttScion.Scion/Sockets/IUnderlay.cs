using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>What carries SCION packets between a host and its first-hop router, or to a neighbour in the AS.</summary>
/// <remarks>One thread uses it; only <see cref="Wake"/> may be called by any thread.</remarks>
public interface IUnderlay : IDisposable
{
    /// <summary>The address and port that SCION packets carry as their source host and port.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Takes one SCION packet if there is one.</summary>
    /// <param name="packet">The packet, with the router or neighbour that sent it; good until the next call.</param>
    /// <returns>False when no packet is waiting.</returns>
    bool TryReceive(out UdpDatagram packet);

    /// <summary>Sends one SCION packet to a next hop; an error concerns this packet only.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="nextHop">The router or neighbour.</param>
    /// <param name="ecn">The ECN field of the packet that carries it, where the system lets us set it.</param>
    UdpSendResult Send(ReadOnlySpan<byte> packet, in UdpAddress nextHop, UdpEcn ecn = UdpEcn.NotEct);

    /// <summary>Sends a flight of packets of one length, the last of which may be shorter, to one next hop.</summary>
    /// <param name="packets">The packets, back to back.</param>
    /// <param name="packetLength">The length of each in bytes.</param>
    /// <param name="nextHop">The router or neighbour.</param>
    /// <param name="sentCount">The number of packets sent.</param>
    /// <param name="ecn">The ECN field of the packets that carry them, where the system lets us set it.</param>
    /// <returns>The result of the first packet that was not sent, or <see cref="UdpSendResult.Sent"/>.</returns>
    UdpSendResult Send(
        ReadOnlySpan<byte> packets,
        int packetLength,
        in UdpAddress nextHop,
        out int sentCount,
        UdpEcn ecn = UdpEcn.NotEct);

    /// <summary>Blocks this thread until a packet is waiting, <see cref="Wake"/> is called, or time is up.</summary>
    /// <returns>False when time is up. True may be spurious.</returns>
    bool Wait(TimeSpan timeout);

    /// <summary>Ends a <see cref="Wait"/>, this one or the next.</summary>
    void Wake();
}
