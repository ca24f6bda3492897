namespace MqttScion.Quic;

/// <summary>The TLS 1.3 cipher suites that QUIC uses.</summary>
public enum QuicCipherSuite
{
    /// <summary>TLS_AES_128_GCM_SHA256.</summary>
    Aes128GcmSha256,

    /// <summary>TLS_AES_256_GCM_SHA384.</summary>
    Aes256GcmSha384,

    /// <summary>TLS_CHACHA20_POLY1305_SHA256.</summary>
    ChaCha20Poly1305Sha256,
}
