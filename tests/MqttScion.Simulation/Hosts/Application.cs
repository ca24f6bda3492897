using System.Buffers.Binary;

namespace MqttScion.Simulation;

/// <summary>What one side does with its connection: opens, writes, reads, resets and stops streams.</summary>
internal sealed class Application(World world, bool isServer, HostPlan plan)
{
    private const ulong ResetCode = 0x7e5e7;
    private const ulong StopCode = 0x5709;
    private const int MinDatagramBytes = sizeof(ulong);

    private readonly Queue<StreamPlan> _toOpen = new(
        world.Plan.Streams.Where(stream => stream.FromServer == isServer).OrderBy(static stream => stream.OpensAt));
    private readonly Dictionary<long, QuicStream> _writing = [];
    private readonly SortedDictionary<long, QuicStream> _reading = [];
    private readonly SortedSet<long> _readable = [];
    private readonly HashSet<ulong> _datagramsSeen = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private TimeSpan? _readAt;
    private TimeSpan? _connectedAt;
    private bool _isOpeningBlocked;
    private bool _isEnded;

    /// <summary>True when all planned streams were opened.</summary>
    public bool HasOpenedAll => _toOpen.Count == 0;

    public long BytesWritten { get; private set; }

    public TimeSpan? WakeAt
    {
        get
        {
            var mayOpen = !_isOpeningBlocked && !_isEnded;
            TimeSpan? open = mayOpen && _connectedAt is { } start && _toOpen.TryPeek(out var next)
                ? start + next.OpensAt
                : null;
            return open is null || _readAt < open ? _readAt : open;
        }
    }

    public void OnEvent(QuicConnection connection, in QuicEvent item)
    {
        switch (item.Kind)
        {
            case QuicEventKind.HandshakeCompleted:
                Invariant.Check(_connectedAt is null, "the handshake completed twice");
                _connectedAt = world.Elapsed;
                break;
            case QuicEventKind.StreamOpened:
                OnOpened(connection, item.StreamId);
                break;
            case QuicEventKind.StreamReadable:
                OnReadable(item.StreamId);
                break;
            case QuicEventKind.StreamWritable:
                if (_writing.TryGetValue(item.StreamId, out var stream))
                    Write(stream);
                break;
            case QuicEventKind.StreamReset:
                OnReset(item);
                break;
            case QuicEventKind.StreamStopped:
                var flow = world.Flow(item.StreamId, isServer);
                Invariant.Check(flow.IsStopped, $"stream {item.StreamId} was stopped by nobody");
                Invariant.Check(item.ErrorCode == StopCode, $"stream {item.StreamId} stopped with {item.ErrorCode}");
                _writing.Remove(item.StreamId);
                break;
            case QuicEventKind.StreamsAvailable:
                _isOpeningBlocked = false;
                break;
            case QuicEventKind.Closed:
                _isEnded = true;
                break;
            case QuicEventKind.DatagramReceived:
                ReceiveDatagrams(connection);
                break;
            default:
                break;
        }
    }

    /// <summary>Does what is due by now.</summary>
    public void Step(QuicConnection connection)
    {
        while (!_isOpeningBlocked && !_isEnded && _connectedAt is { } start && _toOpen.TryPeek(out var next) &&
            start + next.OpensAt <= world.Elapsed)
        {
            if (connection.TryOpenStream(next.IsBidirectional, out var stream))
                Open(stream, _toOpen.Dequeue());
            else
                _isOpeningBlocked = true;
        }

        if (_readAt > world.Elapsed)
            return;
        _readAt = null;
        foreach (var id in _readable.ToArray())
            Read(id, plan.ReadBytes);
        if (_readable.Count > 0)
            _readAt = world.Elapsed + plan.ReadInterval;
    }

    /// <summary>Reads what is left after the connection ended.</summary>
    public void Drain()
    {
        foreach (var id in _readable.ToArray())
            Read(id, int.MaxValue);
        _readAt = null;
    }

    public void SendDatagram(QuicConnection connection, ulong number)
    {
        var most = Math.Min(connection.MaxDatagramPayloadBytes, _buffer.Length);
        if (most < MinDatagramBytes || connection.State != QuicConnectionState.Connected)
            return;
        var length = MinDatagramBytes + (int)(SimRandom.Mix(number) % (ulong)(most - MinDatagramBytes + 1));
        var datagram = _buffer.AsSpan(0, length);
        BinaryPrimitives.WriteUInt64LittleEndian(datagram, number);
        Content.Fill(SimRandom.Mix(number), 0, datagram[MinDatagramBytes..]);
        connection.TrySendDatagram(datagram);
        BytesWritten += length;
    }

    private void Open(QuicStream stream, StreamPlan next)
    {
        world.AddFlow(stream.Id, isServer, next.Bytes, next.ResetAt, next.StopAt);
        if (next.IsBidirectional)
            world.AddFlow(stream.Id, !isServer, next.AnswerBytes, null, null);
        Start(stream);
    }

    private void OnOpened(QuicConnection connection, long id)
    {
        var isFound = connection.TryGetStream(id, out var stream);
        if (isFound)
            Start(stream!);
    }

    private void Start(QuicStream stream)
    {
        if (stream.CanReceive)
            _reading[stream.Id] = stream;
        if (!stream.CanSend)
            return;
        _writing[stream.Id] = stream;
        Write(stream);
    }

    private void Write(QuicStream stream)
    {
        var flow = world.Flow(stream.Id, isServer);
        var end = flow.ResetAt ?? flow.Size;
        while (flow.Written < end)
        {
            var chunk = _buffer.AsSpan(0, Math.Min(end - flow.Written, plan.WriteBytes));
            Content.Fill(flow.ContentKey, flow.Written, chunk);
            var taken = stream.Write(chunk);
            flow.Written += taken;
            BytesWritten += taken;
            if (taken < chunk.Length)
                return;
        }

        _writing.Remove(stream.Id);
        flow.IsReset = flow.ResetAt is not null;
        flow.IsFinished = !flow.IsReset;
        if (flow.IsReset)
            stream.Reset(ResetCode);
        else
            stream.Finish();
    }

    private void OnReadable(long id)
    {
        _readable.Add(id);
        if (plan.ReadBytes == 0)
            Read(id, int.MaxValue);
        else
            _readAt ??= world.Elapsed + plan.ReadInterval;
    }

    private void Read(long id, int most)
    {
        var flow = world.Flow(id, !isServer);
        if (!_reading.TryGetValue(id, out var stream) || flow.IsOver)
        {
            _readable.Remove(id);
            return;
        }

        while (most > 0)
        {
            if (flow.StopAt <= flow.Read && !stream.IsReadFinished)
            {
                flow.IsStopped = true;
                stream.StopSending(StopCode);
                break;
            }

            var room = _buffer.AsSpan(0, Math.Min(most, _buffer.Length));
            var length = stream.Read(room);
            var isRight = Content.Matches(flow.ContentKey, flow.Read, room[..length]);
            Invariant.Check(isRight, $"stream {id} reads wrong bytes from {flow.Read} to {flow.Read + length}");
            flow.Read += length;
            most -= length;
            if (length < room.Length)
            {
                _readable.Remove(id);
                break;
            }
        }

        Invariant.Check(flow.Read <= flow.Written, $"stream {id} has {flow.Read} bytes, {flow.Written} were sent");
        if (!stream.IsReadFinished || flow.IsStopped)
            return;
        var isWhole = flow.IsFinished && flow.Read == flow.Size;
        Invariant.Check(isWhole, $"stream {id} ended early: {flow}");
        flow.IsComplete = true;
        _reading.Remove(id);
    }

    private void OnReset(in QuicEvent item)
    {
        var flow = world.Flow(item.StreamId, !isServer);
        var isExpected = flow.IsReset ? item.ErrorCode is ResetCode or StopCode : flow.IsStopped;
        Invariant.Check(isExpected, $"stream {item.StreamId} was reset with {item.ErrorCode}: {flow}");
        Invariant.Check(!flow.IsResetSeen, $"stream {item.StreamId} was reset twice");
        flow.IsResetSeen = true;
        _reading.Remove(item.StreamId);
    }

    private void ReceiveDatagrams(QuicConnection connection)
    {
        while (connection.TryReceiveDatagram(_buffer, out var length))
        {
            Invariant.Check(length >= MinDatagramBytes, $"a DATAGRAM of {length} bytes came");
            var number = BinaryPrimitives.ReadUInt64LittleEndian(_buffer);
            var isRight = Content.Matches(SimRandom.Mix(number), 0, _buffer.AsSpan(0, length)[MinDatagramBytes..]);
            Invariant.Check(isRight, $"DATAGRAM {number} has wrong bytes");
            Invariant.Check(_datagramsSeen.Add(number), $"DATAGRAM {number} came twice");
        }
    }
}
