namespace MqttScion.Quic;

/// <summary>Reads the frames of a packet's payload one by one (RFC 9000 §19).</summary>
/// <remarks>A frame that was read is complete and within its bounds; ACK ranges are checked as well.</remarks>
internal ref struct FrameReader(ReadOnlySpan<byte> payload)
{
    private const ulong MaxStreamCount = 1UL << 60;
    private const int ResetTokenLength = 16;
    private const int PathDataLength = 8;

    private ByteReader _reader = new(payload);

    public readonly bool IsAtEnd => _reader.IsAtEnd;

    public readonly int Position => _reader.Position;

    /// <summary>
    /// Reads the next frame. False when it is malformed: <paramref name="frame"/> then has the type as far as known,
    /// for the CONNECTION_CLOSE frame.
    /// </summary>
    public bool TryRead(ref Frame frame, out QuicError error)
    {
        frame = default;
        error = QuicError.FrameEncodingError;
        var start = _reader.Position;
        if (!_reader.TryReadVarInt(out var type))
            return false;
        frame.WireType = type;
        frame.Type = type is >= (ulong)FrameType.Stream and <= (ulong)FrameType.StreamLast
            ? FrameType.Stream
            : (FrameType)type;
        if (_reader.Position - start != VarInt.Length(type))
        {
            // RFC 9000 §12.4: the type must use the shortest encoding.
            error = QuicError.ProtocolViolation;
            return false;
        }

        return frame.Type switch
        {
            FrameType.Padding => SkipPadding(),
            FrameType.Ping or FrameType.HandshakeDone => true,
            FrameType.Ack or FrameType.AckEcn => TryReadAck(ref frame),
            FrameType.Crypto => TryReadCrypto(ref frame),
            FrameType.Stream => TryReadStream(ref frame),
            FrameType.ConnectionClose or FrameType.ApplicationClose => TryReadClose(ref frame),
            FrameType.NewConnectionId => TryReadNewConnectionId(ref frame),
            FrameType.NewToken => _reader.TryReadPrefixed(out frame.Data) && !frame.Data.IsEmpty,
            FrameType.PathChallenge or FrameType.PathResponse => _reader.TryReadBytes(PathDataLength, out frame.Data),
            FrameType.ResetStream => _reader.TryReadVarInt(out frame.Id) &&
                _reader.TryReadVarInt(out frame.ErrorCode) && _reader.TryReadVarInt(out frame.Value),
            FrameType.StopSending => _reader.TryReadVarInt(out frame.Id) && _reader.TryReadVarInt(out frame.ErrorCode),
            FrameType.MaxStreamData or FrameType.StreamDataBlocked =>
                _reader.TryReadVarInt(out frame.Id) && _reader.TryReadVarInt(out frame.Value),
            FrameType.MaxData or FrameType.DataBlocked => _reader.TryReadVarInt(out frame.Value),
            FrameType.MaxStreamsBidirectional or FrameType.MaxStreamsUnidirectional or
            FrameType.StreamsBlockedBidirectional or FrameType.StreamsBlockedUnidirectional =>
                _reader.TryReadVarInt(out frame.Value) && frame.Value <= MaxStreamCount,
            FrameType.Datagram => _reader.TryReadBytes((ulong)_reader.Remaining, out frame.Data),
            FrameType.DatagramWithLength => _reader.TryReadPrefixed(out frame.Data),
            FrameType.RetireConnectionId => _reader.TryReadVarInt(out frame.Id),
            _ => false,
        };
    }

    private bool SkipPadding()
    {
        _reader.SkipZeros();
        return true;
    }

    private bool TryReadAck(scoped ref Frame frame)
    {
        if (!_reader.TryReadVarInt(out frame.Offset) || !_reader.TryReadVarInt(out frame.Value) ||
            !_reader.TryReadVarInt(out var rangeCount))
            return false;
        var start = _reader.Position;
        if (!_reader.TryReadVarInt(out var first) || first > frame.Offset)
            return false;
        var smallest = frame.Offset - first;
        for (ulong index = 0; index < rangeCount; index++)
        {
            if (!_reader.TryReadVarInt(out var gap) || !_reader.TryReadVarInt(out var length))
                return false;
            // RFC 9000 §19.3.1: the next range ends gap + 2 below the smallest of this one.
            if (smallest < gap + 2 || smallest - gap - 2 < length)
                return false;
            smallest -= gap + 2 + length;
        }

        frame.Data = _reader.Since(start);
        return frame.Type == FrameType.Ack ||
            (_reader.TryReadVarInt(out frame.Ect0) && _reader.TryReadVarInt(out frame.Ect1) &&
                _reader.TryReadVarInt(out frame.Congested));
    }

    private bool TryReadCrypto(scoped ref Frame frame) =>
        _reader.TryReadVarInt(out frame.Offset) && _reader.TryReadPrefixed(out frame.Data) &&
        frame.Offset + (ulong)frame.Data.Length <= VarInt.MaxValue;

    private bool TryReadStream(scoped ref Frame frame)
    {
        const ulong offsetFlag = 4, lengthFlag = 2, finalFlag = 1;
        frame.IsFinal = (frame.WireType & finalFlag) != 0;
        if (!_reader.TryReadVarInt(out frame.Id) ||
            ((frame.WireType & offsetFlag) != 0 && !_reader.TryReadVarInt(out frame.Offset)))
            return false;
        var isComplete = (frame.WireType & lengthFlag) != 0
            ? _reader.TryReadPrefixed(out frame.Data)
            : _reader.TryReadBytes((ulong)_reader.Remaining, out frame.Data);
        return isComplete && frame.Offset + (ulong)frame.Data.Length <= VarInt.MaxValue;
    }

    private bool TryReadClose(scoped ref Frame frame) =>
        _reader.TryReadVarInt(out frame.ErrorCode) &&
        (frame.Type == FrameType.ApplicationClose || _reader.TryReadVarInt(out frame.CauseFrameType)) &&
        _reader.TryReadPrefixed(out frame.Data);

    private bool TryReadNewConnectionId(scoped ref Frame frame) =>
        _reader.TryReadVarInt(out frame.Id) && _reader.TryReadVarInt(out frame.Offset) && frame.Offset <= frame.Id &&
        _reader.TryReadByte(out var length) && length is >= 1 and <= ConnectionId.MaxLength &&
        _reader.TryReadBytes(length, out frame.Data) && _reader.TryReadBytes(ResetTokenLength, out frame.ResetToken);
}
