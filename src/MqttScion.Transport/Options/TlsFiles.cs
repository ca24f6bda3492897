using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>The certificate files, which are read again and again, so that renewed ones are taken.</summary>
internal sealed record TlsFiles(
    string? TrustedCertificates, string? Certificate, string? Key, string? RevocationLists, string? KeyLog = null)
{
    /// <summary>What to agree on (ALPN).</summary>
    public string ApplicationProtocol { get; init; } = "mqtt";

    /// <summary>True refuses clients without a certificate in the handshake.</summary>
    public bool RequireClientCertificate { get; init; } = true;

    private const string Nothing = "holds nothing between PEM lines of ";

    /// <summary>Whose handshakes the files are read for.</summary>
    public QuicCrypto Crypto { get; init; } = QuicCrypto.Default;

    public static TlsFiles From(TlsOptions options) =>
        new(
            FullPath(options.TrustedCertificates),
            FullPath(options.Certificate),
            FullPath(options.Key),
            FullPath(options.RevocationLists),
            FullPath(options.KeyLogFile));

    /// <summary>Reads the files and prepares TLS. The caller disposes the result.</summary>
    /// <exception cref="TlsConfigurationException">A file's content can't be used.</exception>
    public IQuicTlsFactory Load(KeyLogFile? keyLog = null) => Prepare(Read(keyLog));

    /// <summary>Prepares TLS with what was read. The caller disposes the result.</summary>
    /// <exception cref="TlsConfigurationException">A file's content can't be used; the text names option and file.
    /// </exception>
    public IQuicTlsFactory Prepare(QuicTlsOptions read)
    {
        try
        {
            return Crypto.CreateTls(read);
        }
        catch (TlsConfigurationException e) when (NameOf(e.Option) is { } named)
        {
            throw new TlsConfigurationException(named.Option, $"the file '{named.File}' {ProblemOf(e)}");
        }
    }

    /// <summary>Reads the files.</summary>
    public QuicTlsOptions Read(KeyLogFile? keyLog) => new()
    {
        TrustedCertificatesPem = TrustedCertificates is null ? null : File.ReadAllText(TrustedCertificates),
        CertificateChainPem = Certificate is null ? null : File.ReadAllText(Certificate),
        PrivateKeyPem = Key is null ? null : File.ReadAllText(Key),
        RevocationListsPem = RevocationLists is null ? null : File.ReadAllText(RevocationLists),
        RequireClientCertificate = RequireClientCertificate,
        ApplicationProtocols = [ApplicationProtocol],
        KeyLog = keyLog is null ? null : keyLog.Append,
    };

    // The working directory may change later, and errors should say where the file was looked for.
    private static string? FullPath(string? path) => string.IsNullOrEmpty(path) ? null : Path.GetFullPath(path);

    private (string Option, string? File)? NameOf(string option) => option switch
    {
        nameof(QuicTlsOptions.TrustedCertificatesPem) => ("Tls.TrustedCertificates", TrustedCertificates),
        nameof(QuicTlsOptions.CertificateChainPem) => ("Tls.Certificate", Certificate),
        nameof(QuicTlsOptions.PrivateKeyPem) => ("Tls.Key", Key),
        nameof(QuicTlsOptions.RevocationListsPem) => ("Tls.RevocationLists", RevocationLists),
        _ => null,
    };

    // The engine speaks of its own options, which hold texts; here they are files.
    private string ProblemOf(TlsConfigurationException e)
    {
        var colon = e.Message.IndexOf(": ", StringComparison.Ordinal);
        return e.Message[(colon + 2)..]
            .Replace(
                $"does not match the first certificate of {nameof(QuicTlsOptions.CertificateChainPem)}",
                $"does not belong to Tls.Certificate, the file '{Certificate}'",
                StringComparison.Ordinal)
            .Replace(Nothing + "CERTIFICATE", "holds no certificate", StringComparison.Ordinal)
            .Replace(Nothing + "PRIVATE KEY", "holds no private key", StringComparison.Ordinal)
            .Replace(Nothing + "X509 CRL", "holds no revocation list", StringComparison.Ordinal)
            + ".";
    }
}
