using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>What carries SCION packets between a host and its first-hop router, or to a neighbour in the AS.</summary>
/// <remarks>One thread uses it; only <see cref="Wake"/> may be called by any thread.</remarks>
public interface IUnderlay : IDisposable
{
    /// <summary>The address and port that SCION packets carry as their source host and port.</summary>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Takes one SCION packet if there is one; a packet longer than the buffer is taken and dropped.</summary>
    /// <param name="buffer">Room for the packet.</param>
    /// <param name="length">The packet's length in bytes; 0 for a dropped one.</param>
    /// <param name="sender">The router or neighbour that sent it: the next hop of an answer.</param>
    /// <returns>False when no packet is waiting.</returns>
    bool TryReceive(Span<byte> buffer, out int length, out UdpAddress sender);

    /// <summary>Sends one SCION packet to a next hop; an error concerns this packet only.</summary>
    UdpSendResult Send(ReadOnlySpan<byte> packet, in UdpAddress nextHop);

    /// <summary>Blocks this thread until a packet is waiting, <see cref="Wake"/> is called, or time is up.</summary>
    /// <returns>False when time is up. True may be spurious.</returns>
    bool Wait(TimeSpan timeout);

    /// <summary>Ends a <see cref="Wait"/>, this one or the next.</summary>
    void Wake();
}
