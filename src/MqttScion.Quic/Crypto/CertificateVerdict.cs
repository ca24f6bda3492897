using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Kind = MqttScion.Quic.CertificateProblems;

namespace MqttScion.Quic;

/// <summary>Says in words, and as an alert, why a certificate was refused.</summary>
/// <param name="Alert">The alert of the gravest problem.</param>
/// <param name="Reason">All problems. What the peer wrote is cut and freed of control characters.</param>
internal sealed record CertificateVerdict(TlsAlert Alert, string Reason)
{
    private const int MaxNames = 5;
    private const int MaxNameLength = 80;

    // The gravest first.
    private static readonly (Kind Kind, TlsAlert Alert, Func<CertificateText, string> Text)[] Problems =
    [
        (Kind.Revoked, TlsAlert.CertificateRevoked, c => $"is revoked by {c.Issuer}"),
        (Kind.UnknownCa, TlsAlert.UnknownCa, c => $"comes from an unknown CA: {c.Issuer} is not trusted here"),
        (Kind.IssuerIsNoCa, TlsAlert.UnknownCa, c => $"comes from {c.Issuer}, which is not a CA"),
        (Kind.WrongSignature, TlsAlert.BadCertificate, _ => "has a wrong signature"),
        (Kind.Expired, TlsAlert.CertificateExpired, c => c.Expired),
        (Kind.NotYetValid, TlsAlert.CertificateExpired, c => c.NotYetValid),
        (Kind.WrongName, TlsAlert.BadCertificate,
            c => $"has a wrong name: expected {c.Expected}, certificate has {c.Names}"),
        (Kind.WrongPurpose, TlsAlert.UnsupportedCertificate,
            c => $"has the wrong key purpose: it may not act as a {c.Role}"),
        (Kind.TooWeak, TlsAlert.BadCertificate, c => c.Weakness),
        (Kind.BreaksConstraint, TlsAlert.BadCertificate, _ => "breaks a constraint of its issuer"),
        (Kind.OcspOutdated, TlsAlert.CertificateUnknown, _ => "cannot be checked: its OCSP response is out of date"),
        (Kind.OcspOfFuture, TlsAlert.CertificateUnknown, _ => "cannot be checked: its OCSP response is of the future"),
        (Kind.UnknownExtension, TlsAlert.UnsupportedCertificate, _ => "has an unknown critical extension"),
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

    /// <summary>Explains a check that found problems.</summary>
    public static CertificateVerdict Explain(ChainCheck check, string role, IssuerSet issuers, PeerName? expected)
    {
        if ((check.Problems & Kind.Uncheckable) != 0)
        {
            return new CertificateVerdict(
                TlsAlert.BadCertificate, $"the {role}'s certificate cannot be checked: {check.Detail}");
        }

        var text = new CertificateText(role, issuers, expected);
        var found = Problems.Where(problem => (check.Problems & problem.Kind) != 0).ToArray();
        return found.Length == 0
            ? new CertificateVerdict(TlsAlert.BadCertificate, $"the {role}'s certificate is invalid ({check.Detail})")
            : new CertificateVerdict(
                found[0].Alert,
                $"the {role}'s certificate {string.Join("; it ", found.Select(problem => problem.Text(text)))}");
    }

    private static X509SubjectAlternativeNameExtension? AlternativeNames(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();

    /// <summary>What the texts quote.</summary>
    private sealed class CertificateText(string role, IssuerSet issuers, PeerName? expected)
    {
        private const string Unreadable = "(unreadable)";
        private const string Sha1 = "1.2.840.113549.1.1.5", EcdsaSha1 = "1.2.840.10045.4.1";
        private const string Md5 = "1.2.840.113549.1.1.4", DsaSha1 = "1.2.840.10040.4.3";

        private readonly X509Certificate2? _leaf = issuers.Chain.Count > 0 ? issuers.Chain[0] : null;

        public string Role => role;

        public string Expected => expected?.Text ?? "any";

        public string Issuer => _leaf is null ? Unreadable : Clean(_leaf.Issuer);

        public string Names => _leaf is null ? Unreadable : NamesOf(_leaf);

        public string Expired => issuers.Outdated(Kind.Expired) is { } bad
            ? $"{(bad == _leaf ? "has" : "comes from an issuer that has")} expired: "
                + $"{Clean(bad.Subject)} was valid until {Time(bad.NotAfter)}"
            : "or an issuer has expired";

        public string NotYetValid => issuers.Outdated(Kind.NotYetValid) is { } bad
            ? $"{(bad == _leaf ? "is" : "comes from an issuer that is")} not yet valid: "
                + $"{Clean(bad.Subject)} is valid from {Time(bad.NotBefore)}"
            : "or an issuer is not yet valid";

        public string Weakness =>
            issuers.All.Select(WeakKey).FirstOrDefault(static text => text is not null)
            ?? issuers.Chain.Select(WeakSignature).FirstOrDefault(static text => text is not null)
            ?? "or an issuer uses an insecure algorithm or key";

        private string? WeakKey(X509Certificate2 certificate)
        {
            using var rsa = certificate.GetRSAPublicKey();
            return rsa is null || rsa.KeySize >= PeerCheck.LeastRsaBits
                ? null
                : $"{Subject(certificate)} too weak: expected an RSA key of at least {PeerCheck.LeastRsaBits} bits, "
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
