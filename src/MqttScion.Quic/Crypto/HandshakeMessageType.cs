namespace MqttScion.Quic;

/// <summary>The TLS 1.3 handshake messages that QUIC allows (RFC 8446 §4, RFC 9001 §4).</summary>
internal enum HandshakeMessageType : byte
{
    ClientHello = 1,
    ServerHello = 2,
    NewSessionTicket = 4,
    EncryptedExtensions = 8,
    Certificate = 11,
    CertificateRequest = 13,
    CertificateVerify = 15,
    Finished = 20,
}
