using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>
/// What carries the QUIC datagrams of an <see cref="EndpointLoop"/>: SCION, or UDP over IP alone. One virtual call for
/// each datagram that comes and for each flight that goes. One thread uses it; any may call <see cref="Wake"/>.
/// </summary>
/// <remarks>
/// The loop knows one form of address. On IP, an endpoint is in no AS (0-0) and a path is empty: what tells one path
/// from another is the remote's address, so a client whose address changes comes on a new path, which is validated.
/// </remarks>
internal abstract class LoopSocket : IDisposable
{
    /// <summary>The bound address.</summary>
    public abstract ScionEndPoint LocalEndPoint { get; }

    /// <inheritdoc/>
    public abstract void Dispose();

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
    public abstract void Send(
        Span<byte> flight, int segmentSize, PathEntry path, EcnCodepoint ecn = EcnCodepoint.NotEct);

    /// <summary>Blocks until a datagram is waiting, <see cref="Wake"/> is called, or time is up.</summary>
    public abstract void Wait(TimeSpan timeout);

    /// <summary>Ends a <see cref="Wait"/>, this one or the next.</summary>
    public abstract void Wake();
}
