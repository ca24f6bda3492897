namespace MqttScion.Quic;

/// <summary>
/// Credentials and rules of the TLS handshake. Read once, when a factory is made; later changes have no effect.
/// </summary>
public sealed class QuicTlsOptions
{
    /// <summary>
    /// The CAs that peers' certificates must chain to: one or more PEM certificates. No system store is used. Default:
    /// none. A client needs it, and so does a server that requires client certificates.
    /// </summary>
    public string? TrustedCertificatesPem { get; set; }

    /// <summary>
    /// Our certificate as PEM, then its issuers if they are not the peer's CAs. Default: none. A server needs it.
    /// </summary>
    public string? CertificateChainPem { get; set; }

    /// <summary>The unencrypted private key of the first certificate of the chain, as PEM. Default: none.</summary>
    public string? PrivateKeyPem { get; set; }

    /// <summary>
    /// Certificate revocation lists of the CAs: one or more PEM CRLs. A CA without a list is not checked for
    /// revocations; a list that is out of date still counts (no time of a list is looked at); one of another CA has
    /// no effect. Default: none.
    /// </summary>
    public string? RevocationListsPem { get; set; }

    /// <summary>
    /// True when a server refuses clients without a certificate. When false and there are trusted CAs, a certificate is
    /// asked for, may be absent and is checked if it comes; without trusted CAs none is asked for. Default: true.
    /// </summary>
    public bool RequireClientCertificate { get; set; } = true;

    /// <summary>
    /// What a server issues session tickets with, made by the same <see cref="QuicCrypto"/>; the caller disposes it.
    /// Default null: it issues none, and every handshake is a full one.
    /// </summary>
    public QuicTicketIssuer? TicketIssuer { get; set; }

    /// <summary>
    /// The application protocols to offer or accept by ALPN, the preferred first: 1 to 8 of them, 1 to 31 bytes of
    /// ASCII each. Peers must agree on one (RFC 9001 §8.1). Default: <c>mqtt</c>.
    /// </summary>
    public IList<string> ApplicationProtocols { get; set; } = ["mqtt"];

    /// <summary>
    /// Takes the traffic secrets of all handshakes, a line each in the NSS key log format: with them, whoever captured
    /// packets can read everything that they carry. For tests and diagnosis only. Called on the threads that drive the
    /// handshakes; must not throw. Default null: secrets stay here.
    /// </summary>
    public Action<string>? KeyLog { get; set; }
}
