using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>
/// All streams of a connection, their limits in both directions, and connection flow control (RFC 9000 §4).
/// </summary>
internal sealed partial class StreamTable
{
    private const int DirectionCount = 2;

    private readonly Dictionary<long, QuicStream> _streams = [];
    private readonly SendQueue _sending = new();
    private readonly Queue<QuicStream> _controls = new();
    private readonly List<QuicStream> _blocked = [];
    private readonly QuicOptions _options;
    private readonly EventQueue _events;
    private readonly StreamCount[] _local = [new(), new()];
    private readonly StreamCount[] _remote = [new(), new()];

    private TransportParameters _peer = new();
    private long _sendLimit;
    private long _sentBytes;
    private long _blockedAt = -1;
    private long _receiveLimit;
    private long _receivedBytes;
    private long _consumedBytes;
    private bool _isLimitPending;
    private bool _isBlockedPending;
    private bool _hasHeld;

    public StreamTable(bool isServer, QuicOptions options, EventQueue events)
    {
        IsServer = isServer;
        _options = options;
        _events = events;
        _receiveLimit = options.ConnectionWindowBytes;
        _remote[0].Limit = options.MaxBidirectionalStreams;
        _remote[1].Limit = options.MaxUnidirectionalStreams;
    }

    public bool IsServer { get; }

    /// <summary>True once the connection ended: streams take nothing any more.</summary>
    public bool IsClosed { get; private set; }

    public int Count => _streams.Count;

    /// <summary>Takes the limits of the peer's transport parameters.</summary>
    public void Apply(TransportParameters peer)
    {
        _peer = peer;
        ReceiveMaxData((long)peer.InitialMaxData);
        ReceiveMaxStreams((long)peer.InitialMaxStreamsBidirectional, isBidirectional: true);
        ReceiveMaxStreams((long)peer.InitialMaxStreamsUnidirectional, isBidirectional: false);
        // Streams with early data had the limits that were remembered.
        foreach (var stream in _streams.Values)
            stream.RaiseSendLimit(InitialSendLimit(stream.Id));
    }

    /// <summary>
    /// The peer has seen nothing of our streams, and no limit holds any more (RFC 9001 §4.6.2): all is sent again, each
    /// stream when the peer permits it.
    /// </summary>
    public void Rewind()
    {
        (_sendLimit, _sentBytes, _blockedAt, _isBlockedPending) = (0, 0, -1, false);
        foreach (var count in _local)
            (count.Limit, count.BlockedAt, count.IsBlockedPending) = (0, -1, false);
        _sending.Clear();
        _controls.Clear();
        _blocked.Clear();
        _hasHeld = true;
        foreach (var stream in _streams.Values)
            stream.Rewind();
    }

    public bool TryOpen(bool isBidirectional, [NotNullWhen(true)] out QuicStream? stream)
    {
        stream = null;
        var count = _local[isBidirectional ? 0 : 1];
        if (IsClosed)
            return false;
        if (count.Opened >= count.Limit)
        {
            count.IsOpenerWaiting = true;
            count.IsBlockedPending |= count.BlockedAt != count.Limit;
            count.BlockedAt = count.Limit;
            return false;
        }

        stream = Create(StreamId.Create(count.Opened++, IsServer, isBidirectional));
        return true;
    }

    public bool TryGet(long id, [NotNullWhen(true)] out QuicStream? stream) => _streams.TryGetValue(id, out stream);

    public Violation? ReceiveData(in Frame frame, bool isEarlyData = false)
    {
        var id = (long)frame.Id;
        if (FindReceiver(id, out var stream) is { } violation)
            return violation;
        if (stream is null)
            return null;
        stream.IsEarlyData |= isEarlyData;
        var growth = stream.PeerResetCode is null
            ? Math.Max(0, (long)frame.Offset + frame.Data.Length - stream.In.End)
            : 0;
        return AccountReceived(growth) ?? stream.Receive((long)frame.Offset, frame.Data, frame.IsFinal);
    }

    public Violation? ReceiveReset(in Frame frame)
    {
        if (FindReceiver((long)frame.Id, out var stream) is { } violation)
            return violation;
        if (stream is null)
            return null;
        var growth = stream.PeerResetCode is null ? Math.Max(0, (long)frame.Value - stream.In.End) : 0;
        return AccountReceived(growth) ?? stream.ReceiveReset(frame.ErrorCode, (long)frame.Value);
    }

    public Violation? ReceiveStop(in Frame frame)
    {
        var violation = FindSender((long)frame.Id, out var stream);
        stream?.ReceiveStop(frame.ErrorCode);
        return violation;
    }

    public Violation? ReceiveMaxStreamData(in Frame frame)
    {
        var violation = FindSender((long)frame.Id, out var stream);
        stream?.RaiseSendLimit((long)frame.Value);
        return violation;
    }

    /// <summary>
    /// STREAM_DATA_BLOCKED says nothing that we act on, but it must name a stream that can send to us.
    /// </summary>
    public Violation? ReceiveStreamDataBlocked(in Frame frame) => FindReceiver((long)frame.Id, out _);

    public void ReceiveMaxData(long limit)
    {
        if (limit <= _sendLimit)
            return;
        _sendLimit = limit;
        _isBlockedPending = false;
        foreach (var stream in _blocked)
        {
            stream.IsBlockedByConnection = false;
            Enqueue(stream);
        }

        _blocked.Clear();
    }

    public void ReceiveMaxStreams(long limit, bool isBidirectional)
    {
        var count = _local[isBidirectional ? 0 : 1];
        if (limit <= count.Limit)
            return;
        count.Limit = limit;
        count.IsBlockedPending = false;
        if (_hasHeld)
            LetGo();
        if (!count.IsOpenerWaiting)
            return;
        count.IsOpenerWaiting = false;
        _events.Add(new QuicEvent(QuicEventKind.StreamsAvailable));
    }

    /// <summary>
    /// The peer wants to open more streams. It may have opened some of which nothing has come.
    /// </summary>
    public void ReceiveStreamsBlocked(bool isBidirectional)
    {
        var count = _remote[isBidirectional ? 0 : 1];
        count.IsLimitPending |= Grantable(count, isBidirectional) > 0;
    }

    /// <summary>
    /// Ends all streams with the connection. What came before can still be read until <see cref="Release"/>.
    /// </summary>
    public void Close()
    {
        IsClosed = true;
        foreach (var stream in _streams.Values)
            stream.Out.Dispose();
        _sending.Clear();
        _controls.Clear();
        _blocked.Clear();
    }

    /// <summary>Gives all buffers back.</summary>
    public void Release()
    {
        Close();
        foreach (var stream in _streams.Values)
            stream.Release();
        _streams.Clear();
    }

    public void OnConsumed(long length)
    {
        _consumedBytes += length;
        GrantDataIfLow();
    }

    public void AddReadable(QuicStream stream)
    {
        if (stream.IsReadableQueued)
            return;
        stream.IsReadableQueued = true;
        _events.Add(new QuicEvent(QuicEventKind.StreamReadable, stream.Id));
    }

    public void OnWritable(QuicStream stream) => _events.Add(new QuicEvent(QuicEventKind.StreamWritable, stream.Id));

    public void OnStopped(QuicStream stream, ulong code) =>
        _events.Add(new QuicEvent(QuicEventKind.StreamStopped, stream.Id, ErrorCode: code));

    /// <summary>The peer reset a stream: what was not read of it counts as consumed (RFC 9000 §4.5).</summary>
    public void OnReset(QuicStream stream, long unreadBytes, ulong code)
    {
        OnConsumed(unreadBytes);
        _events.Add(new QuicEvent(QuicEventKind.StreamReset, stream.Id, ErrorCode: code));
    }

    /// <summary>Forgets a stream when both directions are over, which lets the peer open another.</summary>
    public void OnMaybeOver(QuicStream stream)
    {
        if (!stream.IsSendOver || !stream.IsReceiveOver || !_streams.Remove(stream.Id))
            return;
        LeaveQueues(stream);
        stream.Release();
        if (StreamId.IsLocal(stream.Id, IsServer))
            return;
        var count = _remote[stream.IsBidirectional ? 0 : 1];
        count.Closed++;
        GrantStreamsIfLow(count, stream.IsBidirectional);
    }

    // RFC 9000 §4.2, §4.6: credit goes out in portions, but is not kept from a peer that is about to run out of it:
    // streams that stay open, or that nobody reads, may hold the rest for good.
    private void GrantStreamsIfLow(StreamCount count, bool isBidirectional)
    {
        var grantable = Grantable(count, isBidirectional);
        count.IsLimitPending |= grantable > 0 && grantable >= count.Limit - count.Opened;
    }

    private void GrantDataIfLow()
    {
        var grantable = _consumedBytes + _options.ConnectionWindowBytes - _receiveLimit;
        _isLimitPending |= grantable > 0 && grantable >= _receiveLimit - _receivedBytes;
    }

    private long Grantable(StreamCount count, bool isBidirectional) =>
        MaxRemote(isBidirectional) + count.Closed - count.Limit;

    // Neither may come to an end: a peer decides when there is credit, and others may be more urgent for ever.
    private void LeaveQueues(QuicStream stream)
    {
        if (stream.IsQueued)
            _sending.Remove(stream);
        if (stream.IsBlockedByConnection)
            _blocked.Remove(stream);
        stream.IsBlockedByConnection = false;
    }

    private long MaxRemote(bool isBidirectional) =>
        isBidirectional ? _options.MaxBidirectionalStreams : _options.MaxUnidirectionalStreams;

    private Violation? AccountReceived(long growth)
    {
        if (_receivedBytes + growth > _receiveLimit)
            return new Violation(QuicError.FlowControlError, $"the connection was sent beyond {_receiveLimit}");
        _receivedBytes += growth;
        if (growth > 0)
            GrantDataIfLow();
        return null;
    }

    private Violation? FindReceiver(long id, out QuicStream? stream)
    {
        stream = null;
        if (!StreamId.IsBidirectional(id) && StreamId.IsLocal(id, IsServer))
            return new Violation(QuicError.StreamStateError, $"stream {id} only sends");
        return Find(id, out stream);
    }

    private Violation? FindSender(long id, out QuicStream? stream)
    {
        stream = null;
        if (!StreamId.IsBidirectional(id) && !StreamId.IsLocal(id, IsServer))
            return new Violation(QuicError.StreamStateError, $"stream {id} only receives");
        return Find(id, out stream);
    }

    // A stream that was opened and is not in the table is over: late frames for it are no error.
    private Violation? Find(long id, out QuicStream? stream)
    {
        if (_streams.TryGetValue(id, out stream))
            return null;
        var index = StreamId.Index(id);
        var isBidirectional = StreamId.IsBidirectional(id);
        if (StreamId.IsLocal(id, IsServer))
        {
            return index < _local[isBidirectional ? 0 : 1].Opened
                ? null
                : new Violation(QuicError.StreamStateError, $"stream {id} was not opened");
        }

        var count = _remote[isBidirectional ? 0 : 1];
        if (index >= count.Limit)
            return new Violation(QuicError.StreamLimitError, $"stream {id} is beyond the limit of {count.Limit}");
        // RFC 9000 §3.2: a stream opens all streams of its type with lower numbers.
        while (count.Opened <= index)
        {
            stream = Create(StreamId.Create(count.Opened++, !IsServer, isBidirectional));
            _events.Add(new QuicEvent(QuicEventKind.StreamOpened, stream.Id));
        }

        GrantStreamsIfLow(count, isBidirectional);
        return null;
    }

    private void LetGo()
    {
        _hasHeld = false;
        foreach (var stream in _streams.Values)
        {
            if (!stream.IsHeld)
                continue;
            if (StreamId.Index(stream.Id) < _local[stream.IsBidirectional ? 0 : 1].Limit)
                stream.LetGo();
            else
                _hasHeld = true;
        }
    }

    private long InitialSendLimit(long id)
    {
        var limit = (StreamId.IsBidirectional(id), StreamId.IsLocal(id, IsServer)) switch
        {
            (true, true) => _peer.InitialMaxStreamDataBidirectionalRemote,
            (true, false) => _peer.InitialMaxStreamDataBidirectionalLocal,
            (false, true) => _peer.InitialMaxStreamDataUnidirectional,
            _ => 0UL,
        };
        return (long)limit;
    }

    private QuicStream Create(long id)
    {
        var stream = new QuicStream(this, id, InitialSendLimit(id), _options);
        _streams.Add(id, stream);
        return stream;
    }

    /// <summary>Streams of one initiator and direction.</summary>
    private sealed class StreamCount
    {
        public long Opened { get; set; }

        public long Closed { get; set; }

        public long Limit { get; set; }

        public bool IsLimitPending { get; set; }

        public bool IsBlockedPending { get; set; }

        public bool IsOpenerWaiting { get; set; }

        /// <summary>The limit at which the peer was last told that we are blocked.</summary>
        public long BlockedAt { get; set; } = -1;
    }
}
