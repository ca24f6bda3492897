namespace MqttScion.Quic;

/// <summary>
/// Checks a peer's certificates as a handshake would, without one: chain, time, revocation, purpose and name.
/// </summary>
/// <param name="trust">What they are checked against; the caller keeps it alive.</param>
/// <param name="peerIsServer">Whether the certificates are those of a server.</param>
/// <param name="name">The name that the first certificate must carry, or null for any.</param>
internal sealed class PeerCheck(IPeerTrust trust, bool peerIsServer, PeerName? name)
{
    /// <summary>The shortest RSA key that is good enough: 112 bits of security.</summary>
    public const int LeastRsaBits = 2048;

    private string Role => peerIsServer ? "server" : "client";

    /// <summary>Gives what is wrong with a chain, the leaf first; null when it is good.</summary>
    public CertificateVerdict? Judge(IReadOnlyList<byte[]> chain)
    {
        var found = Check(trust, chain);
        if (found.Problems == CertificateProblems.None)
        {
            return null;
        }

        using var issuers = new IssuerSet(chain, trust);
        return (found.Problems & CertificateProblems.OutOfDate) != 0 && IsGoodWithoutOutdated(chain, issuers)
            ? null
            : CertificateVerdict.Explain(found, Role, issuers, name);
    }

    // RFC 5280 §6: a path exists when one of several certificates of an issuer is good. Libraries may try one.
    private bool IsGoodWithoutOutdated(IReadOnlyList<byte[]> chain, IssuerSet issuers)
    {
        using var current = issuers.TrustWithoutOutdated();
        byte[][] kept = [chain[0], .. chain.Skip(1).Where(der => !issuers.IsOutdated(der))];
        return (current is not null || kept.Length < chain.Count)
            && Check(current ?? trust, kept).Problems == CertificateProblems.None;
    }

    private ChainCheck Check(IPeerTrust against, IReadOnlyList<byte[]> chain)
    {
        var found = against.Check(chain, peerIsServer, name);
        // RFC 9525 §2: the common name is no server name. A library may still take it where there is no other.
        var isNamed = (found.Problems & CertificateProblems.Uncheckable) != 0
            || name is not { Address: null } || CertificateVerdict.HasDnsName(chain[0]);
        return isNamed ? found : found with { Problems = found.Problems | CertificateProblems.WrongName };
    }
}
