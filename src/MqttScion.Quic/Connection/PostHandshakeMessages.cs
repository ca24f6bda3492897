namespace MqttScion.Quic;

/// <summary>Judges the TLS messages in 1-RTT CRYPTO frames, of which only NewSessionTicket is allowed.</summary>
internal sealed class PostHandshakeMessages
{
    private HandshakeMessageReader? _reader;

    /// <summary>Follows the next bytes of the stream; gives what is wrong with them.</summary>
    public Violation? Follow(ReadOnlySpan<byte> data, bool isServer)
    {
        _reader ??= new HandshakeMessageReader();
        while (!data.IsEmpty)
        {
            if (_reader.IsAtStart && JudgeType(data[0], isServer) is { } violation)
                return violation;
            if (!_reader.TryRead(ref data, out var message))
                break;
            // RFC 9001 §4.6.1: the early_data extension has the one value that means no limit of its own. What is
            // malformed is left to TLS.
            if (NewSessionTicket.TryRead(message, out var ticket) &&
                ticket.MaxEarlyDataBytes is not (null or uint.MaxValue))
                return new Violation(QuicError.ProtocolViolation, "a ticket limits early data as QUIC does not");
        }

        return _reader.IsTooLong
            ? new Violation(QuicError.CryptoBufferExceeded, "a TLS message is too long")
            : null;
    }

    private static Violation? JudgeType(byte type, bool isServer)
    {
        // RFC 9001 §4.4: a client is not asked for its certificate after the handshake.
        if (type == (byte)HandshakeMessageType.CertificateRequest && !isServer)
            return new Violation(QuicError.ProtocolViolation, "a CertificateRequest came after the handshake");
        // RFC 9001 §6: a TLS KeyUpdate is an error; the only message left is NewSessionTicket, to a client.
        return type == (byte)HandshakeMessageType.NewSessionTicket && !isServer
            ? null
            : new Violation(QuicError.CryptoUnexpectedMessage, $"TLS message {type} came after the handshake");
    }
}
