using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MqttScion.Quic;

/// <summary>
/// A peer's chain, with those of our CAs that may have issued some of it: which of them is out of date, and the trust
/// that is left without those. Made only for a chain that did not pass.
/// </summary>
internal sealed class IssuerSet : IDisposable
{
    private readonly IPeerTrust _trust;
    private readonly List<X509Certificate2> _chain = [];
    private readonly X509Certificate2Collection _trusted = [];

    /// <summary>Reads what can be read; what the provider reads and the base class library does not is left out.
    /// </summary>
    public IssuerSet(IReadOnlyList<byte[]> chain, IPeerTrust trust)
    {
        _trust = trust;
        foreach (var der in chain)
        {
            try
            {
                _chain.Add(X509CertificateLoader.LoadCertificate(der));
            }
            catch (CryptographicException)
            {
                // Only what is said of it, or a way around it, is lost; the verdict is that of the provider.
                break;
            }
        }

        if (trust.TrustedPem is { } pem)
        {
            _trusted.ImportFromPem(pem);
        }
    }

    /// <summary>The chain, the leaf first, as far as it can be read.</summary>
    public IReadOnlyList<X509Certificate2> Chain => _chain;

    /// <summary>The chain, then those of our CAs that have the name of an issuer in it.</summary>
    public IEnumerable<X509Certificate2> All => _chain.Concat(_trusted.Where(IsIssuer));

    /// <summary>Gives the first certificate that is out of date in one way; null when none is.</summary>
    public X509Certificate2? Outdated(CertificateProblems how) =>
        All.FirstOrDefault(certificate => _trust.TimeProblemOf(certificate.RawData) == how);

    /// <summary>True when a certificate has expired or is not yet valid.</summary>
    public bool IsOutdated(byte[] der) => _trust.TimeProblemOf(der) != CertificateProblems.None;

    /// <inheritdoc/>
    public void Dispose()
    {
        _chain.ForEach(static certificate => certificate.Dispose());
        foreach (var certificate in _trusted)
        {
            certificate.Dispose();
        }
    }

    /// <summary>
    /// Our CAs and revocation lists without the issuers that are out of date; null when that would be all of them or
    /// none.
    /// </summary>
    public IPeerTrust? TrustWithoutOutdated()
    {
        var kept = _trusted.Where(ca => !IsIssuer(ca) || !IsOutdated(ca.RawData)).ToArray();
        return kept.Length == 0 || kept.Length == _trusted.Count
            ? null
            : _trust.WithTrusted(kept.Aggregate(
                new StringBuilder(), static (text, ca) => text.AppendLine(ca.ExportCertificatePem())).ToString());
    }

    private bool IsIssuer(X509Certificate2 ca) => _chain.Exists(certificate => certificate.Issuer == ca.Subject);
}
