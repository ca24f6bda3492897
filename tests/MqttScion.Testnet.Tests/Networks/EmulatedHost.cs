using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>A host of an AS with one SCION/UDP socket on loopback.</summary>
internal sealed class EmulatedHost(IsdAs isdAs) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ScionSocket _socket = new(isdAs, new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0)));

    public ScionEndPoint EndPoint => _socket.LocalEndPoint;

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends along a path as a source does.</summary>
    public void Send(ScionPath path, ScionEndPoint destination, params byte[] payload)
    {
        destination.TryGetIPEndPoint(out var host).Should().BeTrue();
        Send(
            destination,
            path.IsLocal ? PathType.Empty : PathType.Scion,
            path.DataplanePath.ToArray(),
            path.NextHop ?? host!,
            payload);
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
