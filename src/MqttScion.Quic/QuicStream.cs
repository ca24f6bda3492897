namespace MqttScion.Quic;

/// <summary>One stream of a connection (RFC 9000 §2 and §3). Used by the thread that drives the connection.</summary>
/// <remarks>
/// A stream leaves its connection once both directions are over; the object then takes no more, and tells for ever how
/// the peer's side ended: finished (<see cref="IsReadFinished"/>) or cut (<see cref="PeerResetCode"/>).
/// </remarks>
public sealed class QuicStream
{
    /// <summary>The urgency of what goes before everything else.</summary>
    public const int MostUrgent = 0;

    /// <summary>The urgency of streams that nothing else was said of (RFC 9218 §4.1).</summary>
    public const int DefaultUrgency = 3;

    /// <summary>The urgency of what can wait for everything else.</summary>
    public const int LeastUrgent = 7;

    private const long UnknownSize = -1;

    private readonly StreamTable _table;
    private readonly long _windowBytes;
    private long _blockedAt = UnknownSize;
    private byte _urgency = DefaultUrgency;

    internal QuicStream(StreamTable table, long id, long sendLimit, QuicOptions options)
    {
        _table = table;
        Id = id;
        SendLimit = sendLimit;
        _windowBytes = options.StreamWindowBytes;
        ReceiveLimit = CanReceive ? _windowBytes : 0;
        Out = new SendBuffer(options.SendBufferBytes);
        IsSendOver = !CanSend;
        IsReceiveOver = !CanReceive;
    }

    /// <summary>The stream id (RFC 9000 §2.1).</summary>
    public long Id { get; }

    /// <summary>True when both sides can send.</summary>
    public bool IsBidirectional => StreamId.IsBidirectional(Id);

    /// <summary>
    /// How urgent our data on the stream is, on the scale of RFC 9218 §4.1: 0 the most, 7 the least, 3 by default.
    /// Streams of one urgency take turns, a datagram each. Those of the next send only when the more urgent have
    /// nothing that they may send: a stream can starve. What is sent again after a loss has its stream's urgency. Can
    /// be changed at any time; the peer is not told.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not from 0 to 7.</exception>
    public int Urgency
    {
        get => _urgency;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, MostUrgent);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LeastUrgent);
            var isQueued = IsQueued;
            if (isQueued)
                _table.Dequeue(this);
            _urgency = (byte)value;
            if (isQueued)
                _table.Enqueue(this);
        }
    }

    /// <summary>How many bytes can be read at once.</summary>
    public int ReadableBytes => IsStopped ? 0 : In.ReadableBytes;

    /// <summary>
    /// True when the peer finished the stream and everything was read. Never true for a stream that the peer reset:
    /// what was read of it is only a part (RFC 9000 §3.2), and <see cref="PeerResetCode"/> has its error code.
    /// </summary>
    public bool IsReadFinished => !CanReceive ||
        (PeerResetCode is null && FinalSize != UnknownSize && In.Start == FinalSize);

    /// <summary>
    /// The peer's error code when it reset its side, else null. A reset that comes after everything was read is not
    /// told.
    /// </summary>
    public ulong? PeerResetCode { get; private set; }

    /// <summary>The peer's error code when it asked us to stop, else null.</summary>
    public ulong? PeerStopCode { get; private set; }

    /// <summary>True when the peer has everything that was written, the end included if there is one.</summary>
    public bool IsEverythingAcknowledged => Out.IsEverythingAcknowledged && ResetCode is null;

    /// <summary>How many bytes from the start the peer has acknowledged, without a gap.</summary>
    public long AcknowledgedBytes => Out.Start;

    /// <summary>
    /// True when bytes of the stream came as early data: whoever recorded them can make them come again on another
    /// connection (RFC 9001 §9.2).
    /// </summary>
    public bool IsEarlyData { get; internal set; }

    internal SendBuffer Out { get; }

    internal Reassembler In { get; } = new();

    internal bool CanSend => IsBidirectional || StreamId.IsLocal(Id, _table.IsServer);

    internal bool CanReceive => IsBidirectional || !StreamId.IsLocal(Id, _table.IsServer);

    internal long SendLimit { get; private set; }

    internal long ReceiveLimit { get; private set; }

    internal long FinalSize { get; private set; } = UnknownSize;

    internal ulong? ResetCode { get; private set; }

    internal ulong StopCode { get; private set; }

    internal bool IsStopped { get; private set; }

    internal bool IsResetPending { get; set; }

    internal bool IsStopPending { get; set; }

    internal bool IsLimitPending { get; set; }

    internal bool IsBlockedPending { get; set; }

    /// <summary>True while the stream waits for connection credit.</summary>
    internal bool IsBlockedByConnection { get; set; }

    /// <summary>True while the stream waits in the table's queue of streams with data to send.</summary>
    internal bool IsQueued { get; set; }

    /// <summary>The stream of the same urgency whose turn is before.</summary>
    internal QuicStream? QueuedBefore { get; set; }

    /// <summary>The stream of the same urgency whose turn is next.</summary>
    internal QuicStream? QueuedAfter { get; set; }

    /// <summary>True while the stream waits in the table's queue of streams with other frames to send.</summary>
    internal bool IsControlQueued { get; set; }

    /// <summary>True while a StreamReadable event waits to be taken.</summary>
    internal bool IsReadableQueued { get; set; }

    /// <summary>True while a stream whose early data was rejected waits for the peer to permit it.</summary>
    internal bool IsHeld { get; private set; }

    internal bool IsSendOver { get; private set; }

    internal bool IsReceiveOver { get; private set; }

    private bool IsWriterWaiting { get; set; }

    /// <summary>
    /// Reads what has come in order; 0 when there is nothing (see <see cref="IsReadFinished"/>), or when the peer reset
    /// the stream (<see cref="PeerResetCode"/>). Reading grants the peer credit to send more, and reading up to the end
    /// lets the connection forget the stream.
    /// </summary>
    public int Read(Span<byte> destination)
    {
        if (IsStopped)
            return 0;
        var length = In.Read(destination);
        OnConsumed(length);
        return length;
    }

    /// <summary>
    /// What has come in order, as far as it lies in one piece, without a copy; empty when there is nothing, or when the
    /// peer reset the stream. Good until the next call on the connection or one of its streams.
    /// </summary>
    public ReadOnlySpan<byte> Peek() => IsStopped ? default : In.Peek();

    /// <summary>
    /// Takes bytes that <see cref="Peek"/> showed, as <see cref="Read"/> does; zero where there are none takes the end
    /// of the stream.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than zero, or more than there are.</exception>
    public void Advance(int count)
    {
        if (IsStopped)
            return;
        In.Advance(count);
        OnConsumed(count);
    }

    /// <summary>
    /// Takes as many bytes as the send buffer has room for and returns how many; when fewer than given, a
    /// <see cref="QuicEventKind.StreamWritable"/> event tells when to go on.
    /// </summary>
    public int Write(ReadOnlySpan<byte> data)
    {
        if (IsSendOver || ResetCode is not null || _table.IsClosed)
            return 0;
        var length = Out.Write(data);
        IsWriterWaiting = length < data.Length && !Out.IsFinished;
        if (length > 0)
            _table.Enqueue(this);
        return length;
    }

    /// <summary>Ends our side after what was written.</summary>
    public void Finish()
    {
        if (IsSendOver || ResetCode is not null)
            return;
        Out.Finish();
        _table.Enqueue(this);
    }

    /// <summary>Abandons our side (RFC 9000 §3.1); what the peer has not got is lost.</summary>
    public void Reset(ulong code)
    {
        if (IsSendOver || ResetCode is not null)
            return;
        ResetCode = code;
        IsResetPending = true;
        IsWriterWaiting = false;
        Out.Abandon();
        _table.AddControl(this);
    }

    /// <summary>Asks the peer to stop sending (RFC 9000 §3.5); what still comes is thrown away.</summary>
    public void StopSending(ulong code)
    {
        if (IsReceiveOver || IsStopped)
            return;
        IsStopped = true;
        StopCode = code;
        // RFC 9000 §3.5: no use once everything is known to come or has come.
        IsStopPending = FinalSize == UnknownSize;
        OnConsumed(In.Skip());
        _table.AddControl(this);
    }

    /// <summary>
    /// A STREAM frame; the number of bytes beyond the highest so far goes to the connection's account.
    /// </summary>
    internal Violation? Receive(long offset, ReadOnlySpan<byte> data, bool isFinal)
    {
        var end = offset + data.Length;
        if (end > ReceiveLimit)
            return new Violation(QuicError.FlowControlError, $"stream {Id} was sent beyond {ReceiveLimit}");
        if (FinalSize != UnknownSize && (end > FinalSize || (isFinal && end != FinalSize)))
            return new Violation(QuicError.FinalSizeError, $"stream {Id} ended at {FinalSize}, not at {end}");
        if (isFinal && end < In.End)
            return new Violation(QuicError.FinalSizeError, $"stream {Id} has data beyond its end {end}");
        if (PeerResetCode is not null || IsReceiveOver)
            return null;
        var before = In.ReadableBytes;
        if (!In.TryAdd(offset, data))
            return new Violation(QuicError.InternalError, $"stream {Id} has too many gaps");
        var isNewEnd = isFinal && FinalSize == UnknownSize;
        if (isFinal)
            FinalSize = end;
        if (IsStopped)
        {
            OnConsumed(In.Skip());
            return null;
        }

        var isEndReadable = FinalSize == In.Start + In.ReadableBytes && (isNewEnd || In.ReadableBytes > before);
        if (In.ReadableBytes > before || isEndReadable)
            _table.AddReadable(this);
        return null;
    }

    /// <summary>A RESET_STREAM frame.</summary>
    internal Violation? ReceiveReset(ulong code, long finalSize)
    {
        if (finalSize > ReceiveLimit)
            return new Violation(QuicError.FlowControlError, $"stream {Id} was reset beyond {ReceiveLimit}");
        if (finalSize < In.End || (FinalSize != UnknownSize && finalSize != FinalSize))
            return new Violation(QuicError.FinalSizeError, $"stream {Id} was reset at {finalSize}");
        FinalSize = finalSize;
        if (IsReceiveOver || PeerResetCode is not null)
            return null;
        PeerResetCode = code;
        IsStopPending = false;
        IsReceiveOver = true;
        _table.OnReset(this, finalSize - In.Start, code);
        In.Dispose();
        _table.OnMaybeOver(this);
        return null;
    }

    /// <summary>A STOP_SENDING frame: our side is reset with the peer's code (RFC 9000 §3.5).</summary>
    internal void ReceiveStop(ulong code)
    {
        if (IsSendOver || PeerStopCode is not null)
            return;
        PeerStopCode = code;
        if (ResetCode is null && !IsEverythingSentAndAcknowledged())
            Reset(code);
        _table.OnStopped(this, code);
    }

    internal void RaiseSendLimit(long limit)
    {
        if (limit <= SendLimit)
            return;
        SendLimit = limit;
        IsBlockedPending = false;
        _table.Enqueue(this);
    }

    /// <summary>Forgets that anything was sent, as the peer has not seen it.</summary>
    internal void Rewind()
    {
        IsHeld = true;
        SendLimit = 0;
        _blockedAt = UnknownSize;
        (IsQueued, IsControlQueued, IsBlockedPending, IsBlockedByConnection) = (false, false, false, false);
        IsResetPending = ResetCode is not null;
        IsStopPending = IsStopped;
        Out.Rewind();
    }

    /// <summary>The peer permits the stream.</summary>
    internal void LetGo()
    {
        IsHeld = false;
        _table.Enqueue(this);
        _table.AddControl(this);
    }

    /// <summary>Stream credit ran out: the peer is told once per limit.</summary>
    internal void BlockAtLimit()
    {
        if (_blockedAt == SendLimit)
            return;
        _blockedAt = SendLimit;
        IsBlockedPending = true;
        _table.AddControl(this);
    }

    /// <summary>Grants a whole window from what was read, and gives the new limit.</summary>
    internal long RaiseReceiveLimit() => ReceiveLimit = In.Start + _windowBytes;

    internal void OnDataAcknowledged(in SentFrame frame)
    {
        if (IsSendOver || ResetCode is not null)
            return;
        Out.OnAcknowledged(frame.Offset, frame.Length, frame.IsFinal);
        if (IsWriterWaiting && Out.RoomBytes > 0)
        {
            IsWriterWaiting = false;
            _table.OnWritable(this);
        }

        if (IsEverythingSentAndAcknowledged())
            EndSend();
    }

    internal void OnDataLost(in SentFrame frame)
    {
        if (IsSendOver || ResetCode is not null)
            return;
        Out.OnLost(frame.Offset, frame.Length, frame.IsFinal);
        _table.Enqueue(this);
    }

    internal void OnResetAcknowledged()
    {
        if (!IsSendOver)
            EndSend();
    }

    internal void Release()
    {
        Out.Dispose();
        In.Dispose();
    }

    private bool IsEverythingSentAndAcknowledged() => Out.IsFinished && Out.IsEverythingAcknowledged;

    private void EndSend()
    {
        IsSendOver = true;
        _table.OnMaybeOver(this);
    }

    private void OnConsumed(int length)
    {
        if (length > 0)
        {
            _table.OnConsumed(length);
            // RFC 9000 §4.2: credit is granted in portions, before the sender runs dry.
            if (FinalSize == UnknownSize && ReceiveLimit - In.Start < _windowBytes / 2)
            {
                IsLimitPending = true;
                _table.AddControl(this);
            }
        }

        EndReceiveIfDone();
    }

    private void EndReceiveIfDone()
    {
        if (IsReceiveOver || FinalSize == UnknownSize || In.Start != FinalSize)
            return;
        IsReceiveOver = true;
        IsStopPending = false;
        _table.OnMaybeOver(this);
    }
}
