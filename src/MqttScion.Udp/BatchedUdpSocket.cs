using System.Net;
using System.Net.Sockets;

namespace MqttScion.Udp;

/// <summary>A UDP socket for one loop: no blocking or allocation per datagram, a precise and wakeable wait.</summary>
/// <remarks>
/// One thread receives, sends and waits; <see cref="Wake"/> may be called by any thread. Datagrams are never
/// fragmented where the system can be told so.
/// </remarks>
public sealed class BatchedUdpSocket : IDisposable
{
    private const int BufferBytes = 4 << 20;
    private const int MaxFailedReceives = 16;

    private readonly Socket _socket;
    private readonly UdpAddress _local;
    private readonly PortableUdp? _portable;
    private readonly Lazy<UdpPollSet> _pollSet;

    /// <summary>Binds a socket.</summary>
    /// <param name="local">The address to bind; port 0 takes a free one.</param>
    /// <exception cref="SocketException">The address is in use or not of this machine.</exception>
    public BatchedUdpSocket(IPEndPoint local)
        : this(local, isNative: UdpNative.IsSupported)
    {
    }

    internal BatchedUdpSocket(IPEndPoint local, bool isNative)
    {
        ArgumentNullException.ThrowIfNull(local);
        IsNative = isNative;
        _socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Configure(_socket);
            _socket.Bind(local);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
        LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _local = LocalEndPoint;
        _portable = isNative ? null : new PortableUdp(_socket);
        _pollSet = new Lazy<UdpPollSet>(() => new UdpPollSet(this));
    }

    /// <summary>The bound address.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Receives that failed because of an earlier send, such as a refused port; none of them ends the socket.
    /// </summary>
    public long FailedReceiveCount { get; private set; }

    internal bool IsNative { get; }

    internal Socket Socket => _socket;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pollSet.IsValueCreated)
            _pollSet.Value.Dispose();
        _socket.Dispose();
    }

    /// <summary>Takes one datagram from the socket if there is one.</summary>
    /// <param name="buffer">Room for the datagram.</param>
    /// <param name="sender">Where it came from.</param>
    /// <param name="length">The bytes written to <paramref name="buffer"/>.</param>
    /// <param name="isTruncated">True when the datagram was longer than the buffer; the rest is lost. Only Linux and
    /// Windows tell.</param>
    /// <returns>False when no datagram is waiting.</returns>
    public bool TryReceive(Span<byte> buffer, out UdpAddress sender, out int length, out bool isTruncated)
    {
        for (var attempt = 0; attempt < MaxFailedReceives; attempt++)
        {
            var received = _portable is null
                ? UdpNative.Receive(_socket.SafeHandle, buffer, out sender)
                : _portable.Receive(buffer, out sender);
            if (received >= 0)
            {
                isTruncated = received > buffer.Length;
                length = Math.Min(received, buffer.Length);
                return true;
            }
            if (received == -1)
                break;
            FailedReceiveCount++;
        }
        (sender, length, isTruncated) = (default, 0, false);
        return false;
    }

    /// <summary>Sends one datagram; an error concerns this datagram only.</summary>
    public UdpSendResult Send(ReadOnlySpan<byte> datagram, in UdpAddress destination)
    {
        if (destination.Family != _local.Family)
            return UdpSendResult.Unreachable;
        return _portable is null
            ? UdpNative.Send(_socket.SafeHandle, datagram, destination)
            : _portable.Send(datagram, destination);
    }

    /// <summary>Sends a flight of datagrams of one size, the last of which may be shorter.</summary>
    /// <param name="segments">The datagrams, back to back.</param>
    /// <param name="segmentSize">The size of each in bytes.</param>
    /// <param name="destination">Where they all go.</param>
    /// <param name="sentCount">The number of datagrams sent.</param>
    /// <returns>The result of the first datagram that was not sent, or <see cref="UdpSendResult.Sent"/>.</returns>
    public UdpSendResult Send(
        ReadOnlySpan<byte> segments, int segmentSize, in UdpAddress destination, out int sentCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        for (sentCount = 0; !segments.IsEmpty; sentCount++)
        {
            var size = Math.Min(segmentSize, segments.Length);
            var result = Send(segments[..size], destination);
            if (result != UdpSendResult.Sent)
                return result;
            segments = segments[size..];
        }
        return UdpSendResult.Sent;
    }

    /// <summary>Blocks this thread until a datagram is waiting, <see cref="Wake"/> is called, or time is up.</summary>
    /// <param name="timeout">The longest wait, to a fraction of a millisecond on Linux;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False when time is up. True may be spurious.</returns>
    public bool Wait(TimeSpan timeout) => _pollSet.Value.Wait(timeout);

    /// <summary>Ends a <see cref="Wait"/>, this one or the next. Any thread may call it.</summary>
    public void Wake() => _pollSet.Value.Wake();

    private static void Configure(Socket socket)
    {
        TrySet(socket, static s => s.ReceiveBufferSize = BufferBytes);
        TrySet(socket, static s => s.SendBufferSize = BufferBytes);
        if (socket.AddressFamily == AddressFamily.InterNetwork)
            TrySet(socket, static s => s.DontFragment = true);
        else
            TrySet(socket, static s => s.DualMode = false);
    }

    // Best effort: a smaller buffer or a missing option costs speed, not correctness.
    private static void TrySet(Socket socket, Action<Socket> set)
    {
        try
        {
            set(socket);
        }
        catch (SocketException)
        {
            // The system's own value stays.
        }
    }
}
