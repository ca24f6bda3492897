namespace MqttScion.Quic;

/// <summary>
/// The CAs and revocation lists of one provider, and its check of chains against them; <see cref="PeerCheck"/> has the
/// rules around it. Disposed by whoever made it.
/// </summary>
internal interface IPeerTrust : IDisposable
{
    /// <summary>The CAs as PEM text; null for none.</summary>
    string? TrustedPem { get; }

    /// <summary>
    /// Checks a chain, the leaf first (RFC 5280 §6): issuers, time, revocation where there are lists, key purpose and
    /// name, and that no key or signature is <see cref="CertificateProblems.TooWeak"/>. A certificate without extended
    /// key usage, or of X.509 version 1, passes the check of key purpose.
    /// </summary>
    /// <param name="chain">The certificates in DER, one or more.</param>
    /// <param name="peerIsServer">Whether the leaf must be good for a server; else for a client.</param>
    /// <param name="name">The name that the leaf must carry, or null for any.</param>
    ChainCheck Check(IReadOnlyList<byte[]> chain, bool peerIsServer, PeerName? name);

    /// <summary>Gives how a certificate is out of date by the provider's clock, if it is, and nothing else.</summary>
    CertificateProblems TimeProblemOf(byte[] der);

    /// <summary>Makes a trust in other CAs with the same revocation lists. The caller disposes it.</summary>
    IPeerTrust WithTrusted(string pem);
}
