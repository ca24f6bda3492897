namespace MqttScion.Quic;

internal sealed partial class StreamTable
{
    /// <summary>Room that any stream frame without data fits into.</summary>
    private const int FrameOverhead = 1 + 8 + 8 + 8;

    /// <summary>A STREAM frame is not started for fewer bytes than this.</summary>
    private const int MinDataRoom = 8;

    private const int LengthFieldBytes = 2;

    public bool HasSomethingToSend => !_sending.IsEmpty || HasControls;

    private bool HasControls => _controls.Count > 0 || _isLimitPending || _isBlockedPending ||
        HasCountControls(_local[0]) || HasCountControls(_local[1]) ||
        HasCountControls(_remote[0]) || HasCountControls(_remote[1]);

    /// <summary>Puts a stream into the queue of those with data to send.</summary>
    public void Enqueue(QuicStream stream)
    {
        if (stream.IsQueued || IsClosed || stream.IsHeld)
            return;
        _sending.Enqueue(stream);
    }

    /// <summary>Takes a stream out of that queue.</summary>
    public void Dequeue(QuicStream stream) => _sending.Remove(stream);

    /// <summary>Puts a stream into the queue of those with other frames to send.</summary>
    public void AddControl(QuicStream stream)
    {
        if (stream.IsControlQueued || IsClosed || stream.IsHeld)
            return;
        stream.IsControlQueued = true;
        _controls.Enqueue(stream);
    }

    /// <summary>Writes limits, resets and the like, as far as there is room.</summary>
    public void WriteControls(ref ByteWriter writer, List<SentFrame> sent)
    {
        if (_isLimitPending && writer.Remaining >= FrameOverhead)
        {
            _isLimitPending = false;
            _receiveLimit = _consumedBytes + _options.ConnectionWindowBytes;
            Write(ref writer, FrameType.MaxData, _receiveLimit);
            sent.Add(new SentFrame(SentFrameKind.MaxData));
        }

        if (_isBlockedPending && writer.Remaining >= FrameOverhead)
        {
            _isBlockedPending = false;
            Write(ref writer, FrameType.DataBlocked, _sendLimit);
            sent.Add(new SentFrame(SentFrameKind.Ping));
        }

        for (var direction = 0; direction < DirectionCount; direction++)
            WriteCounts(ref writer, direction, sent);
        while (_controls.Count > 0 && writer.Remaining >= 3 * FrameOverhead)
        {
            var stream = _controls.Dequeue();
            stream.IsControlQueued = false;
            WriteStreamControls(ref writer, stream, sent);
        }
    }

    /// <summary>
    /// Writes STREAM frames, one stream after another by urgency and turn, as far as there is room and credit.
    /// </summary>
    public void WriteData(ref ByteWriter writer, List<SentFrame> sent)
    {
        while (writer.Remaining >= FrameOverhead + MinDataRoom && _sending.TryDequeue(out var stream))
        {
            if (stream.IsSendOver || stream.ResetCode is not null)
                continue;
            WriteOne(ref writer, stream, sent);
            Requeue(stream);
        }
    }

    public void OnFrameLost(in SentFrame frame)
    {
        switch (frame.Kind)
        {
            case SentFrameKind.MaxData:
                _isLimitPending = true;
                return;
            case SentFrameKind.MaxStreams:
                _remote[frame.Id].IsLimitPending = true;
                return;
            default:
                break;
        }

        if (!_streams.TryGetValue(frame.Id, out var stream))
            return;
        switch (frame.Kind)
        {
            case SentFrameKind.Stream:
                stream.OnDataLost(frame);
                return;
            case SentFrameKind.ResetStream:
                stream.IsResetPending = !stream.IsSendOver;
                break;
            case SentFrameKind.StopSending:
                stream.IsStopPending = !stream.IsReceiveOver && stream.FinalSize < 0;
                break;
            default:
                stream.IsLimitPending = !stream.IsReceiveOver && stream.FinalSize < 0;
                break;
        }

        AddControl(stream);
    }

    public void OnFrameAcknowledged(in SentFrame frame)
    {
        if (!_streams.TryGetValue(frame.Id, out var stream))
            return;
        if (frame.Kind == SentFrameKind.Stream)
            stream.OnDataAcknowledged(frame);
        else if (frame.Kind == SentFrameKind.ResetStream)
            stream.OnResetAcknowledged();
    }

    private static bool HasCountControls(StreamCount count) => count.IsLimitPending || count.IsBlockedPending;

    private static void Write(ref ByteWriter writer, FrameType type, long value)
    {
        writer.WriteVarInt((ulong)type);
        writer.WriteVarInt((ulong)value);
    }

    private void WriteOne(ref ByteWriter writer, QuicStream stream, List<SentFrame> sent)
    {
        const ulong offsetFlag = 4, lengthFlag = 2;
        var buffer = stream.Out;
        var next = buffer.Next;
        var overhead = 1 + VarInt.Length((ulong)stream.Id) + LengthFieldBytes;
        if (buffer.NextTaken > 0)
            overhead += VarInt.Length((ulong)buffer.NextTaken);
        var limit = Math.Min(stream.SendLimit, next + _sendLimit - _sentBytes);
        if (!buffer.TryTake(writer.Remaining - overhead, limit, out var offset, out var length, out var isFinal))
            return;
        _sentBytes += buffer.Next - next;
        var flags = lengthFlag | (offset > 0 ? offsetFlag : 0) | (isFinal ? 1UL : 0);
        writer.WriteVarInt((ulong)FrameType.Stream | flags);
        writer.WriteVarInt((ulong)stream.Id);
        if (offset > 0)
            writer.WriteVarInt((ulong)offset);
        writer.WriteVarInt((ulong)length);
        buffer.CopyTo(offset, writer.Free[..length]);
        writer.Advance(length);
        sent.Add(new SentFrame(SentFrameKind.Stream, stream.Id, offset, length, isFinal));
    }

    private void Requeue(QuicStream stream)
    {
        if (stream.Out.HasRepeat)
        {
            Enqueue(stream);
        }
        else if (stream.Out.HasUnsent && stream.Out.Next >= stream.SendLimit)
        {
            stream.BlockAtLimit();
        }
        else if (stream.Out.HasUnsent && _sentBytes >= _sendLimit)
        {
            Block(stream);
        }
        else if (stream.Out.HasUnsent)
        {
            Enqueue(stream);
        }
    }

    private void Block(QuicStream stream)
    {
        _isBlockedPending |= _blockedAt != _sendLimit;
        _blockedAt = _sendLimit;
        if (stream.IsBlockedByConnection)
            return;
        stream.IsBlockedByConnection = true;
        _blocked.Add(stream);
    }

    private void WriteCounts(ref ByteWriter writer, int direction, List<SentFrame> sent)
    {
        var isBidirectional = direction == 0;
        var remote = _remote[direction];
        if (remote.IsLimitPending && writer.Remaining >= FrameOverhead)
        {
            remote.IsLimitPending = false;
            remote.Limit = MaxRemote(isBidirectional) + remote.Closed;
            Write(
                ref writer,
                isBidirectional ? FrameType.MaxStreamsBidirectional : FrameType.MaxStreamsUnidirectional,
                remote.Limit);
            sent.Add(new SentFrame(SentFrameKind.MaxStreams, direction));
        }

        var local = _local[direction];
        if (!local.IsBlockedPending || writer.Remaining < FrameOverhead)
            return;
        local.IsBlockedPending = false;
        Write(
            ref writer,
            isBidirectional ? FrameType.StreamsBlockedBidirectional : FrameType.StreamsBlockedUnidirectional,
            local.Limit);
        sent.Add(new SentFrame(SentFrameKind.Ping));
    }

    private static void WriteStreamControls(ref ByteWriter writer, QuicStream stream, List<SentFrame> sent)
    {
        if (stream.IsResetPending)
        {
            stream.IsResetPending = false;
            Write(ref writer, FrameType.ResetStream, stream.Id);
            writer.WriteVarInt(stream.ResetCode ?? 0);
            writer.WriteVarInt((ulong)stream.Out.Next);
            sent.Add(new SentFrame(SentFrameKind.ResetStream, stream.Id));
        }

        if (stream.IsBlockedPending)
        {
            stream.IsBlockedPending = false;
            Write(ref writer, FrameType.StreamDataBlocked, stream.Id);
            writer.WriteVarInt((ulong)stream.SendLimit);
            sent.Add(new SentFrame(SentFrameKind.Ping));
        }

        if (stream.IsStopPending)
        {
            stream.IsStopPending = false;
            Write(ref writer, FrameType.StopSending, stream.Id);
            writer.WriteVarInt(stream.StopCode);
            sent.Add(new SentFrame(SentFrameKind.StopSending, stream.Id));
        }
        else if (stream.IsLimitPending)
        {
            stream.IsLimitPending = false;
            Write(ref writer, FrameType.MaxStreamData, stream.Id);
            writer.WriteVarInt((ulong)stream.RaiseReceiveLimit());
            sent.Add(new SentFrame(SentFrameKind.MaxStreamData, stream.Id));
        }
    }
}
