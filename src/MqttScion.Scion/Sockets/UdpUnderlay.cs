using System.Net;
using System.Net.Sockets;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>SCION packets as the payload of UDP/IP datagrams, one to one.</summary>
public sealed class UdpUnderlay : IUnderlay
{
    private readonly BatchedUdpSocket _socket;

    /// <summary>Binds a socket.</summary>
    /// <param name="local">An address of this machine, not 0.0.0.0 or ::, because it goes into SCION packets; port 0
    /// takes a free one. Where the AS restricts ports, it must lie in the AS's dispatched range.</param>
    /// <exception cref="ArgumentException">The address is a wildcard.</exception>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public UdpUnderlay(IPEndPoint local)
    {
        ArgumentNullException.ThrowIfNull(local);
        if (local.Address.Equals(IPAddress.Any) || local.Address.Equals(IPAddress.IPv6Any))
        {
            throw new ArgumentException(
                $"A SCION host needs one address that others can answer to, got {local.Address}; "
                + $"{nameof(LocalAddressTowards)} finds it.",
                nameof(local));
        }
        _socket = new BatchedUdpSocket(local);
    }

    /// <inheritdoc/>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <summary>The address that this machine would send from to reach a next hop. Sends nothing.</summary>
    /// <exception cref="SocketException">There is no route.</exception>
    public static IPAddress LocalAddressTowards(IPEndPoint nextHop)
    {
        ArgumentNullException.ThrowIfNull(nextHop);
        using var probe = new Socket(nextHop.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        probe.Connect(nextHop);
        return ((IPEndPoint)probe.LocalEndPoint!).Address;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    /// <inheritdoc/>
    public bool TryReceive(Span<byte> buffer, out int length, out UdpAddress sender)
    {
        var isReceived = _socket.TryReceive(buffer, out sender, out length, out var isTruncated);
        if (isTruncated)
            length = 0;
        return isReceived;
    }

    /// <inheritdoc/>
    public UdpSendResult Send(ReadOnlySpan<byte> packet, in UdpAddress nextHop) => _socket.Send(packet, nextHop);

    /// <inheritdoc/>
    public bool Wait(TimeSpan timeout) => _socket.Wait(timeout);

    /// <inheritdoc/>
    public void Wake() => _socket.Wake();
}
