namespace MqttScion.Quic;

/// <content>Frames, of packets that come and packets that go alike: both are read from the bytes.</content>
internal sealed partial class QlogTrace
{
    private void WriteFrames(ReadOnlySpan<byte> payload, int ackDelayExponent)
    {
        _json.WriteStartArray("frames"u8);
        var reader = new FrameReader(payload);
        while (!reader.IsAtEnd)
        {
            var start = reader.Position;
            Frame frame = default;
            var isRead = reader.TryRead(ref frame, out _);
            _json.WriteStartObject();
            if (isRead)
                WriteFrame(frame, reader.Position - start, ackDelayExponent);
            else
                WriteUnknown(frame.WireType, payload.Length - start);
            _json.WriteEndObject();
            if (!isRead)
                break;
        }

        _json.WriteEndArray();
    }

    private void WriteFrame(in Frame frame, int lengthBytes, int ackDelayExponent)
    {
        _json.WriteString("frame_type"u8, NameOf(frame.Type));
        switch (frame.Type)
        {
            case FrameType.Padding:
                _json.WriteNumber("length"u8, lengthBytes);
                _json.WriteNumber("payload_length"u8, lengthBytes);
                break;
            case FrameType.Ack or FrameType.AckEcn:
                WriteAck(frame, ackDelayExponent);
                break;
            case FrameType.Crypto or FrameType.Stream:
                if (frame.Type == FrameType.Stream)
                    _json.WriteNumber("stream_id"u8, frame.Id);
                _json.WriteNumber("offset"u8, frame.Offset);
                _json.WriteNumber("length"u8, frame.Data.Length);
                if (frame.IsFinal)
                    _json.WriteBoolean("fin"u8, true);
                break;
            case FrameType.ResetStream or FrameType.StopSending:
                _json.WriteNumber("stream_id"u8, frame.Id);
                _json.WriteNumber("error_code"u8, frame.ErrorCode);
                if (frame.Type == FrameType.ResetStream)
                    _json.WriteNumber("final_size"u8, frame.Value);
                break;
            case FrameType.NewToken:
                WriteToken("token"u8, frame.Data.Length, "resumption"u8);
                break;
            case FrameType.PathChallenge or FrameType.PathResponse:
                WriteHex("data"u8, frame.Data);
                break;
            case FrameType.ConnectionClose or FrameType.ApplicationClose:
                WriteClose(frame);
                break;
            case FrameType.NewConnectionId:
                _json.WriteNumber("sequence_number"u8, frame.Id);
                _json.WriteNumber("retire_prior_to"u8, frame.Offset);
                _json.WriteNumber("connection_id_length"u8, frame.Data.Length);
                WriteHex("connection_id"u8, frame.Data);
                break;
            case FrameType.RetireConnectionId:
                _json.WriteNumber("sequence_number"u8, frame.Id);
                break;
            case FrameType.Datagram or FrameType.DatagramWithLength:
                _json.WriteNumber("length"u8, frame.Data.Length);
                break;
            default:
                WriteLimit(frame.Type, frame.Id, frame.Value);
                break;
        }
    }

    private void WriteUnknown(ulong type, int lengthBytes)
    {
        _json.WriteString("frame_type"u8, "unknown"u8);
        _json.WriteNumber("frame_type_value"u8, type);
        WriteLength(lengthBytes);
    }

    private void WriteAck(in Frame frame, int exponent)
    {
        const double microsecondsPerMillisecond = 1000;
        _json.WriteNumber("ack_delay"u8, Round(frame.Value * (1UL << exponent) / microsecondsPerMillisecond));
        _json.WriteStartArray("acked_ranges"u8);
        var ranges = new AckRangeReader(frame.Data, frame.Offset);
        while (ranges.TryRead(out var smallest, out var largest))
        {
            _json.WriteStartArray();
            _json.WriteNumberValue(smallest);
            if (largest != smallest)
                _json.WriteNumberValue(largest);
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
        if (frame.Type != FrameType.AckEcn)
            return;
        _json.WriteNumber("ect0"u8, frame.Ect0);
        _json.WriteNumber("ect1"u8, frame.Ect1);
        _json.WriteNumber("ce"u8, frame.Congested);
    }

    private void WriteClose(in Frame frame)
    {
        var isApplication = frame.Type == FrameType.ApplicationClose;
        _json.WriteString("error_space"u8, isApplication ? "application"u8 : "transport"u8);
        if (isApplication)
            _json.WriteNumber("error_code"u8, frame.ErrorCode);
        else
            WriteErrorCode("error_code"u8, frame.ErrorCode);
        _json.WriteNumber("error_code_value"u8, frame.ErrorCode);
        WriteReason(frame.Data);
        if (!isApplication)
            _json.WriteNumber("trigger_frame_type"u8, frame.CauseFrameType);
    }

    /// <summary>MAX_* and *_BLOCKED frames; nothing for those without fields.</summary>
    private void WriteLimit(FrameType type, ulong id, ulong value)
    {
        if (type is FrameType.MaxStreamData or FrameType.StreamDataBlocked)
            _json.WriteNumber("stream_id"u8, id);
        if (type is FrameType.MaxStreamsBidirectional or FrameType.StreamsBlockedBidirectional)
            _json.WriteString("stream_type"u8, "bidirectional"u8);
        if (type is FrameType.MaxStreamsUnidirectional or FrameType.StreamsBlockedUnidirectional)
            _json.WriteString("stream_type"u8, "unidirectional"u8);
        if (type is FrameType.MaxData or FrameType.MaxStreamData or FrameType.MaxStreamsBidirectional
            or FrameType.MaxStreamsUnidirectional)
            _json.WriteNumber("maximum"u8, value);
        if (type is FrameType.DataBlocked or FrameType.StreamDataBlocked or FrameType.StreamsBlockedBidirectional
            or FrameType.StreamsBlockedUnidirectional)
            _json.WriteNumber("limit"u8, value);
    }

    private static ReadOnlySpan<byte> NameOf(FrameType type) => type switch
    {
        FrameType.Padding => "padding"u8,
        FrameType.Ping => "ping"u8,
        FrameType.Ack or FrameType.AckEcn => "ack"u8,
        FrameType.ResetStream => "reset_stream"u8,
        FrameType.StopSending => "stop_sending"u8,
        FrameType.Crypto => "crypto"u8,
        FrameType.NewToken => "new_token"u8,
        FrameType.Stream => "stream"u8,
        FrameType.MaxData => "max_data"u8,
        FrameType.MaxStreamData => "max_stream_data"u8,
        FrameType.MaxStreamsBidirectional or FrameType.MaxStreamsUnidirectional => "max_streams"u8,
        FrameType.DataBlocked => "data_blocked"u8,
        FrameType.StreamDataBlocked => "stream_data_blocked"u8,
        FrameType.StreamsBlockedBidirectional or FrameType.StreamsBlockedUnidirectional => "streams_blocked"u8,
        FrameType.NewConnectionId => "new_connection_id"u8,
        FrameType.RetireConnectionId => "retire_connection_id"u8,
        FrameType.PathChallenge => "path_challenge"u8,
        FrameType.PathResponse => "path_response"u8,
        FrameType.ConnectionClose or FrameType.ApplicationClose => "connection_close"u8,
        FrameType.HandshakeDone => "handshake_done"u8,
        FrameType.Datagram or FrameType.DatagramWithLength => "datagram"u8,
        _ => "unknown"u8,
    };
}
