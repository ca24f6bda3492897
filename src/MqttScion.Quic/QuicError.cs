namespace MqttScion.Quic;

/// <summary>Transport error codes (RFC 9000 §20.1, RFC 9001 §4.8).</summary>
public enum QuicError : ulong
{
    /// <summary>An orderly close without an error.</summary>
    NoError = 0x00,

    /// <summary>The endpoint met an error of its own.</summary>
    InternalError = 0x01,

    /// <summary>The server accepts no connections at the moment.</summary>
    ConnectionRefused = 0x02,

    /// <summary>More data came than was permitted.</summary>
    FlowControlError = 0x03,

    /// <summary>A stream was opened beyond the limit.</summary>
    StreamLimitError = 0x04,

    /// <summary>A frame came for a stream that is in no state for it.</summary>
    StreamStateError = 0x05,

    /// <summary>A stream's final size changed, or data came beyond it.</summary>
    FinalSizeError = 0x06,

    /// <summary>A frame was malformed or of an unknown type.</summary>
    FrameEncodingError = 0x07,

    /// <summary>The transport parameters were malformed or invalid.</summary>
    TransportParameterError = 0x08,

    /// <summary>The peer gave more connection ids than were permitted.</summary>
    ConnectionIdLimitError = 0x09,

    /// <summary>Another violation of the protocol.</summary>
    ProtocolViolation = 0x0a,

    /// <summary>A server received an invalid token.</summary>
    InvalidToken = 0x0b,

    /// <summary>The application closed the connection during the handshake.</summary>
    ApplicationError = 0x0c,

    /// <summary>More CRYPTO data came than can be buffered.</summary>
    CryptoBufferExceeded = 0x0d,

    /// <summary>A key update broke the rules.</summary>
    KeyUpdateError = 0x0e,

    /// <summary>The limit of the packet protection algorithm is reached.</summary>
    AeadLimitReached = 0x0f,

    /// <summary>No network path can carry the connection.</summary>
    NoViablePath = 0x10,

    /// <summary>The server speaks no version that we do (RFC 9368 §8).</summary>
    VersionNegotiationError = 0x11,

    /// <summary>A TLS alert; the alert is the low byte.</summary>
    CryptoError = 0x0100,

    /// <summary>TLS alert unexpected_message: a TLS message that QUIC does not allow.</summary>
    CryptoUnexpectedMessage = 0x010a,

    /// <summary>TLS alert missing_extension: no transport parameters came.</summary>
    CryptoMissingExtension = 0x016d,

    /// <summary>TLS alert no_application_protocol: ALPN selected nothing.</summary>
    CryptoNoApplicationProtocol = 0x0178,
}
