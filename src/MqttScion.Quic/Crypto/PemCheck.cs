using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MqttScion.Quic;

/// <summary>Checks the PEM texts of <see cref="QuicTlsOptions"/> before a library gets them.</summary>
/// <remarks>What these checks let pass, the library may still refuse.</remarks>
internal static class PemCheck
{
    /// <summary>Refuses a text without certificates, or with one that cannot be read.</summary>
    /// <exception cref="TlsConfigurationException">The option cannot be used.</exception>
    public static void Certificates(string option, string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new TlsConfigurationException(option, $"holds a certificate that cannot be read: {e.Message}");
        }

        var count = certificates.Count;
        foreach (var certificate in certificates)
        {
            certificate.Dispose();
        }

        if (count == 0)
        {
            throw new TlsConfigurationException(option, "holds nothing between PEM lines of CERTIFICATE");
        }
    }

    /// <summary>Refuses revocation lists without the CAs that issued them, and a text without a list.</summary>
    /// <exception cref="TlsConfigurationException">The option cannot be used.</exception>
    public static void RevocationLists(string pem, string? trustedPem)
    {
        const string Option = nameof(QuicTlsOptions.RevocationListsPem);
        if (trustedPem is null)
        {
            throw new TlsConfigurationException(
                Option,
                $"needs {nameof(QuicTlsOptions.TrustedCertificatesPem)}, the CAs that issued the lists");
        }

        Label(Option, pem, "X509 CRL");
    }

    /// <summary>Refuses a certificate without its key, a key without its certificate, and what is neither.</summary>
    /// <exception cref="TlsConfigurationException">An option cannot be used.</exception>
    public static void KeyPair([NotNull] string? chainPem, [NotNull] string? keyPem)
    {
        const string ChainOption = nameof(QuicTlsOptions.CertificateChainPem);
        const string KeyOption = nameof(QuicTlsOptions.PrivateKeyPem);
        if (chainPem is null || keyPem is null)
        {
            throw new TlsConfigurationException(
                chainPem is null ? ChainOption : KeyOption,
                $"is missing but {(chainPem is null ? KeyOption : ChainOption)} is set; both or none are needed");
        }

        Certificates(ChainOption, chainPem);
        if (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new TlsConfigurationException(KeyOption, "is encrypted; an unencrypted key is needed");
        }

        Label(KeyOption, keyPem, "PRIVATE KEY");
    }

    // Labels may have more in front, such as EC PRIVATE KEY.
    private static void Label(string option, string pem, string label)
    {
        if (!pem.Contains($"{label}-----", StringComparison.Ordinal))
        {
            throw new TlsConfigurationException(option, $"holds nothing between PEM lines of {label}");
        }
    }
}
