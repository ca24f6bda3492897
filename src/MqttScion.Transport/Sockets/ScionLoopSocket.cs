using MqttScion.Quic;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Transport;

/// <summary>QUIC over SCION/UDP.</summary>
internal sealed class ScionLoopSocket(ScionSocket socket) : LoopSocket
{
    /// <summary>The socket itself, for what only SCION has.</summary>
    public ScionSocket Socket => socket;

    public override ScionEndPoint LocalEndPoint => socket.LocalEndPoint;

    public override BatchedUdpSocket UdpSocket => socket.UdpSocket;

    public override bool HasPackets => socket.HasPackets;

    public override TimeSpan? NextTimeout => socket.NextTimeout;

    public override void Dispose() => socket.Dispose();

    public override void OnTimeout(TimeSpan now) => socket.OnTimeout(now);

    public override PathTable CreatePaths(ScionEndPoint remote) =>
        PathTable.OnScion(socket.LocalEndPoint, remote, socket.OverheadBytes);

    public override bool TryReceive(out ScionDatagram datagram) => socket.TryReceive(out datagram);

    // What the socket does not take is lost, as on any link; QUIC sends its content again.
    public override UdpSendResult Send(Span<byte> flight, int segmentSize, PathEntry path, EcnCodepoint ecn) =>
        socket.Send(flight, segmentSize, path.Template!, path.NextHop, out _, (UdpEcn)ecn);
}
