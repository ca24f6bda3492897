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
        (1 << 10, TlsAlert.CertificateExpired, c => $"or an issuer has expired: it is valid until {c.NotAfter}"),
        (1 << 9, TlsAlert.CertificateExpired, c => $"or an issuer is not yet valid: it is valid from {c.NotBefore}"),
        (1 << 14, TlsAlert.BadCertificate, c => $"has a wrong name: expected {c.Expected}, certificate has {c.Names}"),
        (1 << 18, TlsAlert.UnsupportedCertificate, c => $"has the wrong key purpose: it may not act as a {c.Role}"),
        (1 << 8, TlsAlert.BadCertificate, _ => "uses an insecure algorithm or key"),
        (1 << 16, TlsAlert.BadCertificate, _ => "breaks a constraint of its issuer"),
        (1 << 12, TlsAlert.CertificateUnknown, _ => "cannot be checked: its OCSP response is out of date"),
        (1 << 15, TlsAlert.CertificateUnknown, _ => "cannot be checked: its OCSP response is of the future"),
        (1 << 21, TlsAlert.UnsupportedCertificate, _ => "has an unknown critical extension"),
    ];

    /// <summary>Explains a status that is not 0.</summary>
    public static CertificateVerdict Explain(uint status, string role, byte[] leaf, PeerName? expected)
    {
        var text = CertificateText.Read(role, leaf, expected);
        var found = Problems.Where(problem => (status & problem.Bit) != 0).ToArray();
        return found.Length == 0
            ? new CertificateVerdict(TlsAlert.BadCertificate, $"the {role}'s certificate is invalid ({status:x})")
            : new CertificateVerdict(
                found[0].Alert,
                $"the {role}'s certificate {string.Join("; it ", found.Select(problem => problem.Text(text)))}");
    }

    /// <summary>What the texts quote.</summary>
    private sealed record CertificateText(
        string Role,
        string Issuer,
        string NotBefore,
        string NotAfter,
        string Expected,
        string Names)
    {
        public static CertificateText Read(string role, byte[] leaf, PeerName? expected)
        {
            var name = expected?.Text ?? "any";
            try
            {
                using var certificate = X509CertificateLoader.LoadCertificate(leaf);
                return new CertificateText(
                    role,
                    Clean(certificate.Issuer),
                    Time(certificate.NotBefore),
                    Time(certificate.NotAfter),
                    name,
                    NamesOf(certificate));
            }
            catch (CryptographicException)
            {
                // GnuTLS could read it and this library cannot: the verdict stands, only the quotes are lost.
                const string Unreadable = "(unreadable)";
                return new CertificateText(role, Unreadable, Unreadable, Unreadable, name, Unreadable);
            }
        }

        private static string NamesOf(X509Certificate2 certificate)
        {
            var alternative = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            string[] names = alternative is null
                ? []
                :
                [
                    .. alternative.EnumerateDnsNames(),
                    .. alternative.EnumerateIPAddresses().Select(address => address.ToString()),
                ];
            if (names.Length == 0)
            {
                return $"no alternative name, subject {Clean(certificate.Subject)}";
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
