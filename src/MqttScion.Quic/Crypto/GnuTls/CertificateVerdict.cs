using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MqttScion.Quic;

/// <summary>Says in words, and as an alert, why GnuTLS refused a certificate.</summary>
/// <param name="Alert">The alert of the gravest problem.</param>
/// <param name="Reason">All problems. What the peer wrote is cut and freed of control characters.</param>
internal sealed record CertificateVerdict(TlsAlert Alert, string Reason)
{
    private const int MaxNames = 5;
    private const int MaxNameLength = 80;

    // The gnutls_certificate_status_t bits with their alerts, the gravest first.
    private static readonly (uint Bit, TlsAlert Alert, Func<CertificateText, string> Text)[] Problems =
    [
        (1 << 5, TlsAlert.CertificateRevoked, c => $"is revoked by {c.Issuer}"),
        (1 << 6, TlsAlert.UnknownCa, c => $"comes from an unknown CA: {c.Issuer} is not trusted here"),
        (1 << 7, TlsAlert.UnknownCa, c => $"comes from {c.Issuer}, which is not a CA"),
        (1 << 11, TlsAlert.BadCertificate, _ => "has a wrong signature"),
        (1 << 10, TlsAlert.CertificateExpired, c => c.Expired),
        (1 << 9, TlsAlert.CertificateExpired, c => c.NotYetValid),
        (1 << 14, TlsAlert.BadCertificate, c => $"has a wrong name: expected {c.Expected}, certificate has {c.Names}"),
        (1 << 18, TlsAlert.UnsupportedCertificate, c => $"has the wrong key purpose: it may not act as a {c.Role}"),
        (1 << 8, TlsAlert.BadCertificate, c => c.Weakness),
        (1 << 16, TlsAlert.BadCertificate, _ => "breaks a constraint of its issuer"),
        (1 << 12, TlsAlert.CertificateUnknown, _ => "cannot be checked: its OCSP response is out of date"),
        (1 << 15, TlsAlert.CertificateUnknown, _ => "cannot be checked: its OCSP response is of the future"),
        (1 << 21, TlsAlert.UnsupportedCertificate, _ => "has an unknown critical extension"),
    ];

    /// <summary>True when a certificate has a DNS name as alternative name.</summary>
    public static bool HasDnsName(byte[] leaf)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(leaf);
            return AlternativeNames(certificate)?.EnumerateDnsNames().Any() == true;
        }
        catch (CryptographicException)
        {
            // None that could be read.
            return false;
        }
    }

    /// <summary>Explains a status that is not 0.</summary>
    public static CertificateVerdict Explain(uint status, string role, IssuerSet issuers, PeerName? expected)
    {
        var text = new CertificateText(role, issuers, expected);
        var found = Problems.Where(problem => (status & problem.Bit) != 0).ToArray();
        return found.Length == 0
            ? new CertificateVerdict(TlsAlert.BadCertificate, $"the {role}'s certificate is invalid ({status:x})")
            : new CertificateVerdict(
                found[0].Alert,
                $"the {role}'s certificate {string.Join("; it ", found.Select(problem => problem.Text(text)))}");
    }

    private static X509SubjectAlternativeNameExtension? AlternativeNames(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();

    /// <summary>What the texts quote.</summary>
    private sealed class CertificateText(string role, IssuerSet issuers, PeerName? expected)
    {
        private const int LeastRsaBits = 2048;
        private const string Unreadable = "(unreadable)";
        private const string Sha1 = "1.2.840.113549.1.1.5", EcdsaSha1 = "1.2.840.10045.4.1";
        private const string Md5 = "1.2.840.113549.1.1.4", DsaSha1 = "1.2.840.10040.4.3";

        private readonly X509Certificate2? _leaf = issuers.Chain.Count > 0 ? issuers.Chain[0] : null;

        public string Role => role;

        public string Expected => expected?.Text ?? "any";

        public string Issuer => _leaf is null ? Unreadable : Clean(_leaf.Issuer);

        public string Names => _leaf is null ? Unreadable : NamesOf(_leaf);

        public string Expired => Outdated(1 << 10) is { } bad
            ? $"{(bad == _leaf ? "has" : "comes from an issuer that has")} expired: "
                + $"{Clean(bad.Subject)} was valid until {Time(bad.NotAfter)}"
            : "or an issuer has expired";

        public string NotYetValid => Outdated(1 << 9) is { } bad
            ? $"{(bad == _leaf ? "is" : "comes from an issuer that is")} not yet valid: "
                + $"{Clean(bad.Subject)} is valid from {Time(bad.NotBefore)}"
            : "or an issuer is not yet valid";

        public string Weakness =>
            issuers.Chain.Concat(issuers.Anchors).Select(WeakKey).FirstOrDefault(static text => text is not null)
            ?? issuers.Chain.Select(WeakSignature).FirstOrDefault(static text => text is not null)
            ?? "or an issuer uses an insecure algorithm or key";

        private X509Certificate2? Outdated(uint bit) => issuers.Chain.Concat(issuers.Anchors)
            .FirstOrDefault(certificate => IssuerSet.TimeStatus(certificate.RawData) == bit);

        private string? WeakKey(X509Certificate2 certificate)
        {
            using var rsa = certificate.GetRSAPublicKey();
            return rsa is null || rsa.KeySize >= LeastRsaBits
                ? null
                : $"{Subject(certificate)} too weak: expected an RSA key of at least {LeastRsaBits} bits, "
                    + $"{Clean(certificate.Subject)} has one of {rsa.KeySize} bits";
        }

        private string? WeakSignature(X509Certificate2 certificate)
        {
            var hash = certificate.SignatureAlgorithm.Value switch
            {
                Sha1 or EcdsaSha1 or DsaSha1 => "SHA-1",
                Md5 => "MD5",
                _ => null,
            };
            return hash is null
                ? null
                : $"{Subject(certificate)} signed too weakly: expected SHA-256 or better, "
                    + $"{Clean(certificate.Subject)} is signed with {hash}";
        }

        private string Subject(X509Certificate2 certificate) =>
            certificate == _leaf ? "is" : "comes from an issuer that is";

        private static string NamesOf(X509Certificate2 certificate)
        {
            var alternative = AlternativeNames(certificate);
            string[] names = alternative is null
                ? []
                :
                [
                    .. alternative.EnumerateDnsNames(),
                    .. alternative.EnumerateIPAddresses().Select(address => address.ToString()),
                ];
            if (names.Length == 0)
            {
                return $"no subject alternative name, and its subject {Clean(certificate.Subject)} does not count "
                    + "(RFC 9525)";
            }

            var listed = string.Join(", ", names.Take(MaxNames).Select(Clean));
            return names.Length > MaxNames ? $"{listed} and {names.Length - MaxNames} more" : listed;
        }

        private static string Time(DateTime local) =>
            local.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

        private static string Clean(string name)
        {
            var cut = name.Length > MaxNameLength ? name[..MaxNameLength] + "…" : name;
            return string.Concat(cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        }
    }
}
