using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// What carries the QUIC datagrams of an <see cref="EndpointLoop"/>: SCION, or UDP over IP alone. One virtual call for
/// each datagram that comes and for each flight that goes. For one thread.
/// </summary>
/// <remarks>
/// The loop knows one form of address. On IP, an endpoint is in no AS (0-0) and a path is empty: what tells one path
/// from another is the remote's address, so a client whose address changes comes on a new path, which is validated.
/// </remarks>
internal abstract class LoopSocket : IDisposable
{
    /// <summary>The bound address.</summary>
    public abstract ScionEndPoint LocalEndPoint { get; }

    /// <summary>The UDP socket to wait on.</summary>
    public abstract BatchedUdpSocket UdpSocket { get; }

    /// <summary>True while packets that were taken from it wait for <see cref="TryReceive"/>.</summary>
    public abstract bool HasPackets { get; }

    /// <summary>When <see cref="OnTimeout"/> must be called next; null for never.</summary>
    public virtual TimeSpan? NextTimeout => null;

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Does what is due.</summary>
    public virtual void OnTimeout(TimeSpan now)
    {
    }

    /// <summary>An empty table for the paths of a connection with a remote.</summary>
    public abstract PathTable CreatePaths(ScionEndPoint remote);

    /// <summary>Takes the next datagram, if there is one; good until the next call.</summary>
    public abstract bool TryReceive(out ScionDatagram datagram);

    /// <summary>Takes the next ICMP error about what was sent, where the socket has asked for them.</summary>
    /// <param name="remote">Whom the datagram was for.</param>
    /// <param name="reason">What ICMP says.</param>
    public virtual bool TryTakeUnreachable(out ScionEndPoint remote, out UdpUnreachable reason)
    {
        (remote, reason) = (default, default);
        return false;
    }

    /// <summary>Asks for no more of them.</summary>
    public virtual void IgnoreUnreachable()
    {
    }

    /// <summary>Sends a flight of datagrams, each with the path's headroom in front.</summary>
    /// <param name="flight">The datagrams, back to back; all but the last have one size.</param>
    /// <param name="segmentSize">That size in bytes, headroom included.</param>
    /// <param name="path">Where they go.</param>
    /// <param name="ecn">Their ECN field.</param>
    /// <returns>The result of the first that was not sent, or <see cref="UdpSendResult.Sent"/>.</returns>
    public abstract UdpSendResult Send(
        Span<byte> flight, int segmentSize, PathEntry path, EcnCodepoint ecn = EcnCodepoint.NotEct);
}
