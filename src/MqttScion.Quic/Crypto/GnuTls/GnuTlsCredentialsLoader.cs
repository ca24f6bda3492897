using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace MqttScion.Quic;

/// <summary>
/// Turns the PEM texts of <see cref="QuicTlsOptions"/> into credentials, naming the option that cannot be used.
/// </summary>
internal static unsafe class GnuTlsCredentialsLoader
{
    /// <summary>Loads everything that the options set.</summary>
    /// <exception cref="TlsConfigurationException">An option cannot be used.</exception>
    public static GnuTlsCredentialsHandle Load(QuicTlsOptions options)
    {
        var result = GnuTlsNative.CertificateAllocateCredentials(out var credentials);
        if (result < 0)
        {
            throw new CryptographicException($"GnuTLS cannot make credentials: {GnuTlsLibrary.ErrorText(result)}");
        }

        try
        {
            LoadTrust(credentials, options.TrustedCertificatesPem);
            LoadRevocationLists(credentials, options.RevocationListsPem, options.TrustedCertificatesPem);
            LoadKeyPair(credentials, options.CertificateChainPem, options.PrivateKeyPem);
            credentials.TrustedPem = options.TrustedCertificatesPem;
            credentials.RevocationListsPem = options.RevocationListsPem;
            return credentials;
        }
        catch
        {
            credentials.Dispose();
            throw;
        }
    }

    private static void LoadTrust(GnuTlsCredentialsHandle credentials, string? pem)
    {
        const string Option = nameof(QuicTlsOptions.TrustedCertificatesPem);
        if (pem is null)
        {
            return;
        }

        PemCheck.Certificates(Option, pem);
        var bytes = Encoding.UTF8.GetBytes(pem);
        fixed (byte* b = bytes)
        {
            var datum = new GnuTlsDatum(b, bytes.Length);
            ThrowUnlessPositive(Option, GnuTlsNative.CertificateSetTrust(credentials, &datum, GnuTlsNative.FormatPem));
        }
    }

    private static void LoadRevocationLists(GnuTlsCredentialsHandle credentials, string? pem, string? trustedPem)
    {
        const string Option = nameof(QuicTlsOptions.RevocationListsPem);
        if (pem is null)
        {
            return;
        }

        PemCheck.RevocationLists(pem, trustedPem);
        var bytes = Encoding.UTF8.GetBytes(pem);
        fixed (byte* b = bytes)
        {
            var datum = new GnuTlsDatum(b, bytes.Length);
            ThrowUnlessPositive(Option, GnuTlsNative.CertificateSetCrl(credentials, &datum, GnuTlsNative.FormatPem));
        }
    }

    private static void LoadKeyPair(GnuTlsCredentialsHandle credentials, string? chainPem, string? keyPem)
    {
        const string ChainOption = nameof(QuicTlsOptions.CertificateChainPem);
        const string KeyOption = nameof(QuicTlsOptions.PrivateKeyPem);
        if (chainPem is null && keyPem is null)
        {
            return;
        }

        PemCheck.KeyPair(chainPem, keyPem);
        var chain = Encoding.UTF8.GetBytes(OutdatedLast(chainPem));
        var key = Encoding.UTF8.GetBytes(keyPem);
        int result;
        fixed (byte* c = chain, k = key)
        {
            var chainDatum = new GnuTlsDatum(c, chain.Length);
            var keyDatum = new GnuTlsDatum(k, key.Length);
            result = GnuTlsNative.CertificateSetKey(
                credentials,
                &chainDatum,
                &keyDatum,
                GnuTlsNative.FormatPem,
                password: null,
                flags: 0);
        }

        CryptographicOperations.ZeroMemory(key);
        if (result == GnuTlsNative.ErrorKeyMismatch)
        {
            throw new TlsConfigurationException(KeyOption, $"does not match the first certificate of {ChainOption}");
        }

        // The chain was read before, so what is left to fail is the key.
        ThrowUnlessNotNegative(KeyOption, result);
    }

    // GnuTLS sends one way to a root, through the first issuer of a name. The others are left out.
    private static string OutdatedLast(string chainPem)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(chainPem);
        var outdated = chain.Skip(1).Where(issuer => GnuTlsPeerTrust.IsOutdated(issuer.RawData)).ToArray();
        var text = outdated.Length == 0
            ? chainPem
            : string.Join('\n', chain.Except(outdated).Concat(outdated).Select(c => c.ExportCertificatePem()));
        foreach (var certificate in chain)
        {
            certificate.Dispose();
        }

        return text;
    }

    private static void ThrowUnlessPositive(string option, int result)
    {
        ThrowUnlessNotNegative(option, result);
        if (result == 0)
        {
            throw new TlsConfigurationException(option, "holds nothing that can be used");
        }
    }

    private static void ThrowUnlessNotNegative(string option, int result)
    {
        if (result < 0)
        {
            throw new TlsConfigurationException(option, $"cannot be read: {GnuTlsLibrary.ErrorText(result)}");
        }
    }
}
