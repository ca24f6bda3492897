namespace MqttScion.Quic;

/// <summary>
/// Which handshake messages each side may get at each level (RFC 8446 §4). There is no KeyUpdate (RFC 9001 §6).
/// </summary>
internal static class AllowedMessages
{
    public static bool Contains(EncryptionLevel level, bool toServer, HandshakeMessageType type) =>
        (level, toServer) switch
        {
            (EncryptionLevel.Initial, true) => type is HandshakeMessageType.ClientHello,
            (EncryptionLevel.Initial, false) => type is HandshakeMessageType.ServerHello,
            (EncryptionLevel.Handshake, true) => type is HandshakeMessageType.Certificate
                or HandshakeMessageType.CertificateVerify
                or HandshakeMessageType.Finished,
            (EncryptionLevel.Handshake, false) => type is HandshakeMessageType.EncryptedExtensions
                or HandshakeMessageType.CertificateRequest
                or HandshakeMessageType.Certificate
                or HandshakeMessageType.CertificateVerify
                or HandshakeMessageType.Finished,
            (EncryptionLevel.Application, false) => type is HandshakeMessageType.NewSessionTicket,
            _ => false,
        };
}
