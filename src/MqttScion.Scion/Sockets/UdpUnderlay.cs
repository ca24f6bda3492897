using System.Net;
using System.Net.Sockets;
using MqttScion.Udp;

namespace MqttScion.Scion;

/// <summary>SCION packets as the payload of UDP/IP datagrams, one to one.</summary>
/// <remarks>Receives in batches, into 16 slots of 64 KiB; only what packets touch is backed by real memory.</remarks>
public sealed class UdpUnderlay : IUnderlay
{
    private const int BatchSlots = 16;
    private const int FirstUnprivilegedPort = 1024;
    private const int MaxPortTries = 2048; // More than the customary range has.

    private readonly BatchedUdpSocket _socket;
    private readonly UdpReceiveBatch _batch = new(BatchSlots);

    /// <summary>Binds a socket.</summary>
    /// <param name="local">An address of this machine, not 0.0.0.0 or ::, because it goes into SCION packets; port 0
    /// takes a free one. Where the AS restricts ports, <see cref="BindInRange"/> finds one that it serves.</param>
    /// <exception cref="ArgumentException">The address is a wildcard.</exception>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public UdpUnderlay(IPEndPoint local)
    {
        ArgumentNullException.ThrowIfNull(local);
        if (local.Address.Equals(IPAddress.Any) || local.Address.Equals(IPAddress.IPv6Any))
        {
            throw new ArgumentException(
                $"A SCION host needs one address that others can answer to, found {local.Address}.",
                nameof(local));
        }
        _socket = new BatchedUdpSocket(local);
    }

    /// <inheritdoc/>
    public IPEndPoint LocalEndPoint => _socket.LocalEndPoint;

    /// <inheritdoc/>
    public BatchedUdpSocket UdpSocket => _socket;

    /// <inheritdoc/>
    public bool HasPackets => _batch.HasDatagrams;

    /// <summary>The receive buffer that the system granted, as it counts it, in bytes.</summary>
    public int ReceiveBufferBytes => _socket.ReceiveBufferBytes;

    /// <summary>Binds a free port of the range to which the border routers of the AS deliver.</summary>
    /// <remarks>Starts at a random port and tries the next ones, 2048 at most; leaves out those below 1024 unless there
    /// are no others.</remarks>
    /// <param name="address">As in the constructor.</param>
    /// <param name="ports">The dispatched range, see <see cref="LocalAs.DispatchedPorts"/>.</param>
    /// <exception cref="ArgumentException">The range is empty, or the address is a wildcard.</exception>
    /// <exception cref="SocketException">All ports that were tried are in use, or the address is not of this machine.
    /// </exception>
    public static UdpUnderlay BindInRange(IPAddress address, PortRange ports)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (ports.IsEmpty)
        {
            throw new ArgumentException(
                "The AS dispatches no ports to its hosts: border routers deliver to a dispatcher on port 30041 only.");
        }
        var least = ports.Last < FirstUnprivilegedPort ? 1 : FirstUnprivilegedPort;
        var first = Math.Max((int)ports.First, least);
        var count = ports.Last - first + 1;
        var start = Random.Shared.Next(count);
        var tries = Math.Min(count, MaxPortTries);
        for (var i = 0; i < tries; i++)
        {
            try
            {
                return new UdpUnderlay(new IPEndPoint(address, first + (start + i) % count));
            }
            catch (SocketException e) when (
                e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // The next port may be free.
            }
        }
        throw new SocketException(
            (int)SocketError.AddressAlreadyInUse, $"No free port of {ports} on {address}: tried {tries} of {count}.");
    }

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
    public bool TryReceive(out UdpDatagram packet) =>
        _batch.TryTake(out packet) || (_socket.Receive(_batch) && _batch.TryTake(out packet));

    /// <inheritdoc/>
    public UdpSendResult Send(ReadOnlySpan<byte> packet, in UdpAddress nextHop, UdpEcn ecn = UdpEcn.NotEct) =>
        _socket.Send(packet, nextHop, ecn);

    /// <inheritdoc/>
    public UdpSendResult Send(
        ReadOnlySpan<byte> packets,
        int packetLength,
        in UdpAddress nextHop,
        out int sentCount,
        UdpEcn ecn = UdpEcn.NotEct) =>
        _socket.Send(packets, packetLength, nextHop, out sentCount, ecn);
}
