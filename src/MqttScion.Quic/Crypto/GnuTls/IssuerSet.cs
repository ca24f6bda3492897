using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MqttScion.Quic;

/// <summary>
/// A peer's chain, with those of our CAs that may have issued some of it: which of them is out of date, and the trust
/// that is left without those. Made only for a chain that did not pass.
/// </summary>
internal sealed unsafe class IssuerSet : IDisposable
{
    /// <summary>The bits of a status: expired, or not yet valid.</summary>
    public const uint OutOfDate = (1 << 10) | (1 << 9);

    private readonly GnuTlsCredentialsHandle _trust;
    private readonly List<X509Certificate2> _chain = [];
    private readonly X509Certificate2Collection _trusted = [];

    /// <summary>Reads what can be read; what GnuTLS reads and the base class library does not is left out.</summary>
    public IssuerSet(IReadOnlyList<byte[]> chain, GnuTlsCredentialsHandle trust)
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
                // Only what is said of it, or a way around it, is lost; the verdict is that of GnuTLS.
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

    /// <summary>Those of our CAs that have the name of an issuer in the chain.</summary>
    public IEnumerable<X509Certificate2> Anchors => _trusted.Where(IsIssuer);

    /// <summary>True when a certificate has expired or is not yet valid, by the clock of GnuTLS.</summary>
    public static bool IsOutdated(byte[] der) => (TimeStatus(der) & OutOfDate) != 0;

    /// <summary>
    /// Gives the bit that says how a certificate is out of date; 0 when it is not. A certificate that is trusted itself
    /// has nothing to be checked but its time.
    /// </summary>
    public static uint TimeStatus(byte[] der)
    {
        if (GnuTlsNative.CertificateAllocateCredentials(out var alone) < 0)
        {
            return 0;
        }

        using (alone)
        {
            nint handle = 0, list;
            uint status = 0;
            fixed (byte* bytes = der)
            {
                var datum = new GnuTlsDatum(bytes, der.Length);
                if (GnuTlsNative.CertificateSetTrust(alone, &datum, GnuTlsNative.FormatDer) <= 0 ||
                    GnuTlsNative.CertificateInit(&handle) < 0)
                {
                    return 0;
                }

                var result = GnuTlsNative.CertificateImport(handle, &datum, GnuTlsNative.FormatDer);
                GnuTlsNative.CertificateGetTrustList(alone, &list);
                result = result < 0
                    ? result
                    : GnuTlsNative.TrustListVerify(list, &handle, 1, null, 0, flags: 0, &status, output: 0);
                GnuTlsNative.CertificateDeinit(handle);
                return result < 0 ? 0 : status & OutOfDate;
            }
        }
    }

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
    public GnuTlsCredentialsHandle? LoadTrustWithoutOutdated()
    {
        var kept = _trusted.Where(ca => !IsIssuer(ca) || !IsOutdated(ca.RawData)).ToArray();
        return kept.Length == 0 || kept.Length == _trusted.Count
            ? null
            : GnuTlsCredentialsLoader.Load(new QuicTlsOptions
            {
                TrustedCertificatesPem = kept.Aggregate(
                    new StringBuilder(), static (text, ca) => text.AppendLine(ca.ExportCertificatePem())).ToString(),
                RevocationListsPem = _trust.RevocationListsPem,
            });
    }

    private bool IsIssuer(X509Certificate2 ca) => _chain.Exists(certificate => certificate.Issuer == ca.Subject);
}
