using System.Net;
using MqttScion.Udp;

namespace MqttScion.Testnet;

/// <summary>Our end of a link: a socket, the address of the other end, and what goes wrong on the way.</summary>
internal sealed class RouterLink(RouterInterface description) : IDisposable
{
    // Replaced as one object, because the loop reads it while another thread connects.
    private volatile RemoteEnd? _remote;

    internal ushort Id { get; } = description.Id;

    internal BatchedUdpSocket Socket { get; } = new(description.Local);

    internal LinkFaults Faults { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();

    internal void Connect(IPEndPoint remote) => _remote = new RemoteEnd(remote);

    internal bool IsFrom(in UdpAddress sender) => _remote is { } remote && remote.Address == sender;

    internal UdpSendResult Send(ReadOnlySpan<byte> packet) =>
        _remote is { } remote ? Socket.Send(packet, remote.Address) : UdpSendResult.Unreachable;

    private sealed record RemoteEnd(UdpAddress Address);
}
