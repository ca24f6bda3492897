namespace MqttScion.Quic;

/// <summary>One parsed frame. Which fields mean something depends on <see cref="Type"/> (RFC 9000 §19).</summary>
internal ref struct Frame
{
    /// <summary>The type; all STREAM types read as <see cref="FrameType.Stream"/>.</summary>
    public FrameType Type;

    /// <summary>The type as it was on the wire.</summary>
    public ulong WireType;

    /// <summary>Stream frames: the stream. NEW_ and RETIRE_CONNECTION_ID: the sequence number.</summary>
    public ulong Id;

    /// <summary>
    /// CRYPTO and STREAM: the offset. ACK: the largest acknowledged. NEW_CONNECTION_ID: Retire Prior To.
    /// </summary>
    public ulong Offset;

    /// <summary>MAX_* and *_BLOCKED: the limit. ACK: the encoded delay. RESET_STREAM: the final size.</summary>
    public ulong Value;

    /// <summary>RESET_STREAM, STOP_SENDING and CONNECTION_CLOSE: the error code.</summary>
    public ulong ErrorCode;

    /// <summary>CONNECTION_CLOSE of type 0x1c: the type of the frame that caused it.</summary>
    public ulong CauseFrameType;

    /// <summary>ACK of type 0x03: how many packets came with ECT(0).</summary>
    public ulong Ect0;

    /// <summary>ACK of type 0x03: how many packets came with ECT(1).</summary>
    public ulong Ect1;

    /// <summary>ACK of type 0x03: how many packets came with CE.</summary>
    public ulong Congested;

    /// <summary>STREAM: whether the stream ends with this frame.</summary>
    public bool IsFinal;

    /// <summary>Payload, reason, token, connection id, path data, or the ACK's ranges.</summary>
    public ReadOnlySpan<byte> Data;

    /// <summary>NEW_CONNECTION_ID: the stateless reset token.</summary>
    public ReadOnlySpan<byte> ResetToken;

    /// <summary>True for all frames but ACK, PADDING and CONNECTION_CLOSE (RFC 9002 §2).</summary>
    public readonly bool IsAckEliciting => Type is not (FrameType.Padding or FrameType.Ack or FrameType.AckEcn
        or FrameType.ConnectionClose or FrameType.ApplicationClose);

    /// <summary>True for frames that don't make the peer move to a path (RFC 9000 §9.1).</summary>
    public readonly bool IsProbing => Type is FrameType.Padding or FrameType.PathChallenge or FrameType.PathResponse
        or FrameType.NewConnectionId;

    /// <summary>Whether 0-RTT packets may carry the frame (RFC 9000 §12.5).</summary>
    public readonly bool IsAllowedInEarlyData => Type is not (FrameType.Ack or FrameType.AckEcn or FrameType.Crypto
        or FrameType.HandshakeDone or FrameType.NewToken or FrameType.PathResponse or FrameType.RetireConnectionId);

    /// <summary>Whether Initial and Handshake packets may carry the frame (RFC 9000 §12.4).</summary>
    public readonly bool IsAllowedInHandshake => Type is FrameType.Padding or FrameType.Ping or FrameType.Ack
        or FrameType.AckEcn or FrameType.Crypto or FrameType.ConnectionClose;
}
