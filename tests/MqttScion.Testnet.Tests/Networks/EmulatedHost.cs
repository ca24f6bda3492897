using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>A host of an AS with one SCION/UDP socket on loopback.</summary>
internal sealed class EmulatedHost(IsdAs isdAs, IPAddress? address = null) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ScionSocket _socket =
        new(isdAs, new UdpUnderlay(new IPEndPoint(address ?? IPAddress.Loopback, 0)));

    public ScionEndPoint EndPoint => _socket.LocalEndPoint;

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends along a path as a source does.</summary>
    public void Send(ScionPath path, ScionEndPoint destination, params byte[] payload)
    {
        var isReachable = destination.TryGetIPEndPoint(out var host) || path.NextHop is not null;
        isReachable.Should().BeTrue("a service is not in the own AS");
        Send(
            destination,
            path.IsLocal ? PathType.Empty : PathType.Scion,
            path.DataplanePath.ToArray(),
            path.NextHop ?? host!,
            payload);
    }

    /// <summary>Sends an echo or traceroute request of our own along a path.</summary>
    public void SendScmp(ScionPath path, ReadOnlySpan<byte> dataplanePath, ScionHost host, ScmpMessage request)
    {
        var header = new ScionHeader(
            path.Destination, host, EndPoint.IsdAs, EndPoint.Host, PathType.Scion, L4Protocol.Scmp);
        var packet = new byte[1500];
        ScionPacketWriter
            .TryWriteScmp(
                packet, header, dataplanePath, request with { Identifier = EndPoint.Port }, [], out var length)
            .Should().BeTrue();
        _socket.SendPacket(packet.AsSpan(0, length), path.NextHop!).Should().Be(Udp.UdpSendResult.Sent);
    }

    /// <summary>Sends an answer the way the question came.</summary>
    public void Answer(Received question, params byte[] payload)
    {
        var path = new byte[question.Path.Length];
        PathReversal.TryReverse(question.PathType, question.Path, path, out var type, out var length).Should().BeTrue();
        Send(question.Source, type, path[..length], question.Sender, payload);
    }

    /// <summary>Waits for the next datagram or SCMP message; null when none comes within the time.</summary>
    public Received? Receive(TimeSpan? within = null)
    {
        var end = DateTimeOffset.UtcNow + (within ?? Patience);
        while (true)
        {
            if (_socket.TryReceive(out var datagram))
            {
                return new Received(
                    datagram.Source,
                    datagram.UnderlaySender.ToIPEndPoint(),
                    datagram.PathType,
                    datagram.RawPath.ToArray(),
                    datagram.Payload.ToArray(),
                    datagram.IsScmp ? datagram.Scmp : null);
            }
            var left = end - DateTimeOffset.UtcNow;
            if (left <= TimeSpan.Zero || !_socket.Wait(left))
            {
                return null;
            }
        }
    }

    private void Send(ScionEndPoint destination, PathType type, byte[] path, IPEndPoint nextHop, byte[] payload)
    {
        var template = new HeaderTemplate(EndPoint, destination, type, path);
        byte[] segment = [.. new byte[template.Length], .. payload];
        _socket.Send(segment, template, nextHop).Should().Be(Udp.UdpSendResult.Sent);
    }

    internal sealed record Received(
        ScionEndPoint Source, IPEndPoint Sender, PathType PathType, byte[] Path, byte[] Payload, ScmpMessage? Scmp);
}
