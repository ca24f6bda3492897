using System.Net;
using System.Net.Sockets;
using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>QUIC over UDP and IP alone, without headers of our own.</summary>
internal sealed class UdpLoopSocket : LoopSocket
{
    /// <summary>
    /// Up to which size paths are probed for, in bytes of QUIC: what Ethernet leaves behind the headers of IPv6 and
    /// UDP.
    /// </summary>
    public const int MaxProbedDatagramBytes = 1452;

    private const int BatchSlots = 16;

    private readonly string _scheme;
    private readonly BatchedUdpSocket _socket;
    private readonly UdpReceiveBatch _batch = new(BatchSlots);
    private bool _isAskedForErrors;
    private UdpAddress _lastSender;
    private ScionEndPoint _lastSource;

    /// <summary>Binds a socket.</summary>
    /// <param name="local">The address; port 0 takes a free one. On a wildcard the system chooses the address from
    /// which an answer leaves: a server on a host with several addresses binds one of them.</param>
    /// <param name="scheme">What is spoken on it, for the names of remotes.</param>
    /// <param name="isOfClient">Whether ICMP errors are wanted: by a client, which must not wait for a host that is
    /// known not to answer; a server has nothing to learn from them.</param>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public UdpLoopSocket(IPEndPoint local, string scheme, bool isOfClient = false)
    {
        _scheme = scheme;
        _socket = new BatchedUdpSocket(local);
        _isAskedForErrors = isOfClient && _socket.AskForUnreachable();
        LocalEndPoint = EndPointOf(_socket.LocalEndPoint);
        _lastSource = EndPointOf(_lastSender);
    }

    public override ScionEndPoint LocalEndPoint { get; }

    public override BatchedUdpSocket UdpSocket => _socket;

    public override bool HasPackets => _batch.HasDatagrams;

    /// <summary>An IP address and port as the loop knows it.</summary>
    public static ScionEndPoint EndPointOf(in UdpAddress address)
    {
        const int IPv4Type = 0b0000, IPv6Type = 0b0011;
        Span<byte> bytes = stackalloc byte[ScionHost.MaxLength];
        bytes = bytes[..address.CopyAddressTo(bytes)];
        var type = address.Family == AddressFamily.InterNetworkV6 ? IPv6Type : IPv4Type;
        return new ScionEndPoint(default, ScionHost.FromWire(type, bytes), address.Port);
    }

    public override void Dispose() => _socket.Dispose();

    public override PathTable CreatePaths(ScionEndPoint remote) => PathTable.OnIP(remote, _scheme);

    public override bool TryReceive(out ScionDatagram datagram)
    {
        if (!_batch.TryTake(out var packet) && !(_socket.Receive(_batch) && _batch.TryTake(out packet)))
        {
            datagram = default;
            return false;
        }
        // Datagrams come in runs of one sender.
        if (packet.Sender != _lastSender)
        {
            (_lastSender, _lastSource) = (packet.Sender, EndPointOf(packet.Sender));
        }
        datagram = new ScionDatagram
        {
            Source = _lastSource,
            UnderlaySender = packet.Sender,
            NextHop = packet.Sender,
            PathType = PathType.Empty,
            Ecn = packet.Ecn,
            Payload = packet.Bytes,
        };
        return true;
    }

    public override bool TryTakeUnreachable(out ScionEndPoint remote, out UdpUnreachable reason)
    {
        if (_isAskedForErrors && _socket.TryTakeUnreachable(out var destination, out reason))
        {
            remote = EndPointOf(destination);
            return true;
        }
        return base.TryTakeUnreachable(out remote, out reason);
    }

    public override void IgnoreUnreachable()
    {
        _isAskedForErrors = false;
        _socket.IgnoreUnreachable();
    }

    // What the socket does not take is lost, as on any link; QUIC sends its content again.
    public override UdpSendResult Send(Span<byte> flight, int segmentSize, PathEntry path, EcnCodepoint ecn) =>
        _socket.Send(flight, segmentSize, path.NextHop, out _, (UdpEcn)ecn);
}
