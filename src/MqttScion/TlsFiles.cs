using MqttScion.Quic;

namespace MqttScion;

/// <summary>The certificate files, which are read again and again, so that renewed ones are taken.</summary>
internal sealed record TlsFiles(
    string TrustedCertificates, string? Certificate, string? Key, string? RevocationLists, string? KeyLog = null)
{
    public static TlsFiles From(TlsOptions options) =>
        new(
            FullPath(options.TrustedCertificates)!,
            FullPath(options.Certificate),
            FullPath(options.Key),
            FullPath(options.RevocationLists),
            FullPath(options.KeyLogFile));

    /// <summary>Reads the files and prepares TLS. The caller disposes the result.</summary>
    public GnuTlsFactory Load(KeyLogFile? keyLog = null) => new(Read(keyLog));

    /// <summary>Reads the files.</summary>
    public QuicTlsOptions Read(KeyLogFile? keyLog) => new()
    {
        TrustedCertificatesPem = File.ReadAllText(TrustedCertificates),
        CertificateChainPem = Certificate is null ? null : File.ReadAllText(Certificate),
        PrivateKeyPem = Key is null ? null : File.ReadAllText(Key),
        RevocationListsPem = RevocationLists is null ? null : File.ReadAllText(RevocationLists),
        KeyLog = keyLog is null ? null : keyLog.Append,
    };

    // The working directory may change later, and errors should say where the file was looked for.
    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);
}
