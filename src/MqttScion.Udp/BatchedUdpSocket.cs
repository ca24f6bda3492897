using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MqttScion.Udp;

/// <summary>A UDP socket for one loop: no blocking or allocation per datagram, a precise and wakeable wait.</summary>
/// <remarks>
/// One thread receives, sends and waits; <see cref="Wake"/> may be called by any thread. Datagrams are never
/// fragmented where the system can be told so. On 64-bit Linux a flight goes out, and a batch comes in, by one system
/// call each, and datagrams carry their ECN field; elsewhere each datagram takes a call and the ECN field is not seen.
/// </remarks>
public sealed class BatchedUdpSocket : IDisposable
{
    private const int BufferBytes = 4 << 20;
    private const int MaxFailedReceives = 16;
    private const int MaxFlightBytes = 65507; // What one IPv4 datagram may carry bounds a buffer for the kernel to cut.

    private readonly Socket _socket;
    private readonly UdpAddress _local;
    private readonly PortableUdp? _portable;
    private readonly Lazy<UdpPollSet> _pollSet;
    private bool _isCoalescing;
    private bool _receivesSingly;

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
            CarriesEcn = Configure(_socket, isNative);
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
        _receivesSingly = !isNative;
        SendMode = !isNative ? UdpSendMode.Single : KnowsSegments(_socket) ? UdpSendMode.Segmented : UdpSendMode.Many;
        _pollSet = new Lazy<UdpPollSet>(() => new UdpPollSet(this));
    }

    /// <summary>The bound address.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>True when the ECN field of datagrams is sent as asked and reported as received.</summary>
    public bool CarriesEcn { get; }

    /// <summary>The receive buffer that the system granted, as it counts it, in bytes; 4 MiB are asked for.</summary>
    public int ReceiveBufferBytes => _socket.ReceiveBufferSize;

    /// <summary>The send buffer that the system granted, as it counts it, in bytes; 4 MiB are asked for.</summary>
    public int SendBufferBytes => _socket.SendBufferSize;

    /// <summary>Receives that failed because of an earlier send, such as a refused port; none of them ends the socket.
    /// </summary>
    public long FailedReceiveCount { get; private set; }

    internal bool IsNative { get; }

    internal UdpSendMode SendMode { get; set; }

    internal Socket Socket => _socket;

    /// <summary>Asks for ICMP errors about what this socket sends; see <see cref="TryTakeUnreachable"/>. Whoever asks
    /// must take them: while one waits, <see cref="Wait"/> does not.</summary>
    /// <returns>False where the system does not tell them: elsewhere than on 64-bit Linux.</returns>
    public bool AskForUnreachable() => SetUnreachable(1);

    /// <summary>Asks for ICMP errors no more, and drops those that wait: an error fails the next send too, whomever
    /// that is for.</summary>
    public void IgnoreUnreachable() => SetUnreachable(0);

    /// <summary>Takes the next ICMP error. Anyone who can guess addresses and ports can have forged it.</summary>
    /// <param name="destination">Where the datagram was sent that did not arrive.</param>
    /// <param name="reason">What ICMP says.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTakeUnreachable(out UdpAddress destination, out UdpUnreachable reason)
    {
        while (IsNative && UdpNative.TryTakeError(_socket.SafeHandle, out destination, out var error))
        {
            if (error is { } told)
            {
                reason = told;
                return true;
            }
        }
        (destination, reason) = (default, default);
        return false;
    }

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
    /// <exception cref="InvalidOperationException">The socket has filled a batch with full slots: what it now receives
    /// may be several datagrams in one.</exception>
    public bool TryReceive(Span<byte> buffer, out UdpAddress sender, out int length, out bool isTruncated)
    {
        if (_isCoalescing)
            throw new InvalidOperationException($"{LocalEndPoint} receives batches and no more single datagrams.");
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

    /// <summary>Fills a batch with the datagrams that are waiting; what was left in it is dropped.</summary>
    /// <returns>False when no datagram is waiting.</returns>
    /// <exception cref="ArgumentException">The socket has filled a batch with full slots before; it needs such.
    /// </exception>
    public bool Receive(UdpReceiveBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.Clear();
        if (_receivesSingly)
            return ReceiveSingly(batch);
        CoalesceInto(batch);
        for (var attempt = 0; attempt < MaxFailedReceives; attempt++)
        {
            var received = batch.NativeSlots.Receive(_socket.SafeHandle);
            if (received > 0)
                return true;
            if (received == -1)
                return false;
            if (received == -3)
                return ReceiveSinglyFromNowOn(batch);
            FailedReceiveCount++;
        }
        return false;
    }

    /// <summary>Sends one datagram; an error concerns this datagram only.</summary>
    /// <param name="datagram">The payload.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="ecn">The ECN field, where <see cref="CarriesEcn"/>.</param>
    public UdpSendResult Send(ReadOnlySpan<byte> datagram, in UdpAddress destination, UdpEcn ecn = UdpEcn.NotEct)
    {
        if (destination.Family != _local.Family)
            return UdpSendResult.Unreachable;
        return _portable is not null
            ? _portable.Send(datagram, destination)
            : UdpNative.ToSendResult(UdpNative.Send(_socket.SafeHandle, datagram, segmentSize: 0, destination, ecn));
    }

    /// <summary>Sends a flight of datagrams of one size, the last of which may be shorter.</summary>
    /// <param name="segments">The datagrams, back to back.</param>
    /// <param name="segmentSize">The size of each in bytes.</param>
    /// <param name="destination">Where they all go.</param>
    /// <param name="sentCount">The number of datagrams sent.</param>
    /// <param name="ecn">The ECN field, where <see cref="CarriesEcn"/>.</param>
    /// <returns>The result of the first datagram that was not sent, or <see cref="UdpSendResult.Sent"/>.</returns>
    public UdpSendResult Send(
        ReadOnlySpan<byte> segments,
        int segmentSize,
        in UdpAddress destination,
        out int sentCount,
        UdpEcn ecn = UdpEcn.NotEct)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(segmentSize);
        sentCount = 0;
        if (destination.Family != _local.Family)
            return UdpSendResult.Unreachable;
        var chunkBytes = Math.Clamp(MaxFlightBytes / segmentSize, 1, UdpNative.MaxSegments) * segmentSize;
        while (!segments.IsEmpty)
        {
            var chunk = segments[..Math.Min(chunkBytes, segments.Length)];
            var result = SendChunk(chunk, segmentSize, destination, ecn, out var chunkCount);
            sentCount += chunkCount;
            if (result != UdpSendResult.Sent)
                return result;
            segments = segments[chunk.Length..];
        }
        return UdpSendResult.Sent;
    }

    /// <summary>Blocks this thread until a datagram is waiting, <see cref="Wake"/> is called, or time is up.</summary>
    /// <remarks>Looks at the system's queue only: datagrams left in a batch don't end the wait.</remarks>
    /// <param name="timeout">The longest wait, to a fraction of a millisecond on Linux;
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <returns>False when time is up. True may be spurious.</returns>
    public bool Wait(TimeSpan timeout) => _pollSet.Value.Wait(timeout);

    /// <summary>Ends a <see cref="Wait"/>, this one or the next. Any thread may call it.</summary>
    public void Wake() => _pollSet.Value.Wake();

    private bool SetUnreachable(int value) => IsNative && (_local.Family == AddressFamily.InterNetwork
        ? TrySetNative(_socket, UdpNative.IpLevel, UdpNative.IpReceiveErrors, value)
        : TrySetNative(_socket, UdpNative.IPv6Level, UdpNative.IPv6ReceiveErrors, value));

    private bool ReceiveSinglyFromNowOn(UdpReceiveBatch batch)
    {
        _receivesSingly = true;
        _isCoalescing = _isCoalescing && !TrySetNative(_socket, UdpNative.UdpLevel, UdpNative.UdpCoalesce, value: 0);
        return ReceiveSingly(batch);
    }

    private bool ReceiveSingly(UdpReceiveBatch batch)
    {
        while (batch.HasRoom && TryReceive(batch.Room(0), out var sender, out var length, out var isTruncated))
            batch.Fill(isTruncated ? length + 1 : length, sender);
        return batch.HasDatagrams;
    }

    // Only full slots take whatever comes coalesced, and a socket that coalesces can't be told to stop: what waits in
    // its queue is already joined.
    private void CoalesceInto(UdpReceiveBatch batch)
    {
        var isFull = batch.SlotBytes == UdpReceiveBatch.MaxDatagramBytes;
        if (_isCoalescing && !isFull)
        {
            throw new ArgumentException(
                $"{LocalEndPoint} receives into slots of {UdpReceiveBatch.MaxDatagramBytes} bytes, "
                + $"got {batch.SlotBytes}.",
                nameof(batch));
        }
        if (isFull && !_isCoalescing)
            _isCoalescing = TrySetNative(_socket, UdpNative.UdpLevel, UdpNative.UdpCoalesce, value: 1);
    }

    private UdpSendResult SendChunk(
        ReadOnlySpan<byte> chunk, int segmentSize, in UdpAddress destination, UdpEcn ecn, out int sentCount)
    {
        if (SendMode == UdpSendMode.Single || chunk.Length <= segmentSize)
            return SendSingly(chunk, segmentSize, destination, ecn, out sentCount);
        if (SendMode == UdpSendMode.Many)
            return SendMany(chunk, segmentSize, destination, ecn, out sentCount);
        var error = UdpNative.Send(_socket.SafeHandle, chunk, segmentSize, destination, ecn);
        sentCount = error == 0 ? (chunk.Length + segmentSize - 1) / segmentSize : 0;
        if (!UdpNative.IsRefusalToSegment(error))
            return UdpNative.ToSendResult(error);
        // Segments that are too large for the path are refused likewise. Only when the same datagrams go out one by one
        // was segmentation at fault.
        var result = SendMany(chunk, segmentSize, destination, ecn, out sentCount);
        if (sentCount > 0 && SendMode == UdpSendMode.Segmented)
            SendMode = UdpSendMode.Many;
        return result;
    }

    private UdpSendResult SendMany(
        ReadOnlySpan<byte> chunk, int segmentSize, in UdpAddress destination, UdpEcn ecn, out int sentCount)
    {
        var error = UdpNative.SendMany(_socket.SafeHandle, chunk, segmentSize, destination, ecn, out sentCount);
        if (!UdpNative.IsMissingCall(error))
            return UdpNative.ToSendResult(error);
        SendMode = UdpSendMode.Single;
        return SendSingly(chunk, segmentSize, destination, ecn, out sentCount);
    }

    private UdpSendResult SendSingly(
        ReadOnlySpan<byte> chunk, int segmentSize, in UdpAddress destination, UdpEcn ecn, out int sentCount)
    {
        for (sentCount = 0; !chunk.IsEmpty; sentCount++)
        {
            var size = Math.Min(segmentSize, chunk.Length);
            var result = Send(chunk[..size], destination, ecn);
            if (result != UdpSendResult.Sent)
                return result;
            chunk = chunk[size..];
        }
        return UdpSendResult.Sent;
    }

    /// <returns>True when datagrams carry their ECN field.</returns>
    private static bool Configure(Socket socket, bool isNative)
    {
        if (!isNative || !TrySetNative(socket, UdpNative.SocketLevel, UdpNative.ReceiveBufferForce, BufferBytes))
            TrySet(socket, static s => s.ReceiveBufferSize = BufferBytes);
        if (!isNative || !TrySetNative(socket, UdpNative.SocketLevel, UdpNative.SendBufferForce, BufferBytes))
            TrySet(socket, static s => s.SendBufferSize = BufferBytes);
        if (socket.AddressFamily == AddressFamily.InterNetwork)
        {
            TrySet(socket, static s => s.DontFragment = true);
            return isNative && TrySetNative(socket, UdpNative.IpLevel, UdpNative.IpReceiveTrafficClass, value: 1);
        }
        TrySet(socket, static s => s.DualMode = false);
        if (!isNative)
            return false;
        TrySetNative(socket, UdpNative.IPv6Level, UdpNative.IPv6MtuDiscover, UdpNative.DoDiscoverMtu);
        TrySetNative(socket, UdpNative.IPv6Level, UdpNative.IPv6DontFragment, value: 1);
        return TrySetNative(socket, UdpNative.IPv6Level, UdpNative.IPv6ReceiveTrafficClass, value: 1);
    }

    // A kernel that doesn't know the option would also not see it beside a datagram, and send the flight as one.
    private static bool KnowsSegments(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        try
        {
            return socket.GetRawSocketOption(UdpNative.UdpLevel, UdpNative.UdpSegment, value) == sizeof(int);
        }
        catch (SocketException)
        {
            return false; // That is the answer: there is no such option.
        }
    }

    private static bool TrySetNative(Socket socket, int level, int name, int value) =>
        TrySet(socket, s => s.SetRawSocketOption(level, name, MemoryMarshal.AsBytes([value])));

    // Best effort: a smaller buffer or a missing option costs speed, not correctness.
    private static bool TrySet(Socket socket, Action<Socket> set)
    {
        try
        {
            set(socket);
            return true;
        }
        catch (SocketException)
        {
            return false; // The system's own value stays.
        }
    }
}
