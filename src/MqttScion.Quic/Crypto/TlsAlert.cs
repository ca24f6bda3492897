namespace MqttScion.Quic;

/// <summary>The TLS alerts that we raise ourselves (RFC 8446 §6).</summary>
internal enum TlsAlert : byte
{
    UnexpectedMessage = 10,
    BadCertificate = 42,
    UnsupportedCertificate = 43,
    CertificateRevoked = 44,
    CertificateExpired = 45,
    CertificateUnknown = 46,
    UnknownCa = 48,
    DecodeError = 50,
    InternalError = 80,
    MissingExtension = 109,
    CertificateRequired = 116,
    NoApplicationProtocol = 120,
}
