namespace MqttScion.Quic;

/// <summary>What is fixed for users, but not for tests that need an odd peer.</summary>
internal sealed record GnuTlsTuning
{
    /// <summary>
    /// TLS 1.3 alone, AES-128-GCM first, and no compatibility mode: QUIC has no session id and no change_cipher_spec
    /// (RFC 9001 §8.4).
    /// </summary>
    public string Priority { get; init; } =
        "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:" +
        "-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519:%DISABLE_TLS13_COMPAT_MODE";

    /// <summary>False to leave the transport parameters out, which peers must refuse.</summary>
    public bool SendsTransportParameters { get; init; } = true;

    /// <summary>False to leave ALPN out, which peers must refuse.</summary>
    public bool SendsApplicationProtocols { get; init; } = true;

    /// <summary>False to go on without an agreed application protocol.</summary>
    public bool RequiresApplicationProtocol { get; init; } = true;
}
