using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MqttScion.Proxy;

/// <summary>Whom a certificate is for, in words that are safe for a log.</summary>
internal static class CertificateSubject
{
    private const int MaxLength = 120;

    /// <summary>The subject of a certificate in DER.</summary>
    public static string Of(ReadOnlyMemory<byte>? certificate)
    {
        if (certificate is not { } der)
            return "no certificate";
        try
        {
            using var read = X509CertificateLoader.LoadCertificate(der.Span);
            var subject = TerminalText.Escape(read.Subject);
            return subject.Length == 0 ? "a certificate without a subject"
                : subject.Length > MaxLength ? subject[..MaxLength] + "…"
                : subject;
        }
        catch (CryptographicException)
        {
            // Who checked it could read it, and the base class library can't: only its name is lost.
            return "an unreadable certificate";
        }
    }
}
