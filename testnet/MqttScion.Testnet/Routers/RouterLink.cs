using System.Net;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>The outgoing direction of a link, to another AS or to a sibling router, over a socket.</summary>
internal sealed class RouterLink(BorderRouter owner, BatchedUdpSocket socket, LinkShaper shaper)
{
    // Replaced as one object, because the loop reads it while another thread connects.
    private volatile RemoteEnd? _remote;

    /// <summary>The router whose end this is.</summary>
    internal BorderRouter Owner { get; } = owner;

    internal BatchedUdpSocket Socket { get; } = socket;

    /// <summary>What the link does to packets.</summary>
    internal LinkShaper Shaper { get; } = shaper;

    internal void Connect(IPEndPoint remote) => _remote = new RemoteEnd(remote);

    internal bool IsFrom(in UdpAddress sender) => _remote is { } remote && remote.Address == sender;

    internal UdpSendResult Send(ReadOnlySpan<byte> packet) =>
        _remote is { } remote ? Socket.Send(packet, remote.Address) : UdpSendResult.Unreachable;

    private sealed record RemoteEnd(UdpAddress Address);
}
