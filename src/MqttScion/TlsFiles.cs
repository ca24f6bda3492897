using MqttScion.Quic;

namespace MqttScion;

/// <summary>The certificate files, which are read again and again, so that renewed ones are taken.</summary>
internal sealed record TlsFiles(
    string TrustedCertificates, string? Certificate, string? Key, string? RevocationLists, string? KeyLog = null)
{
    public static TlsFiles From(TlsOptions options) =>
        new(
            options.TrustedCertificates!,
            options.Certificate,
            options.Key,
            options.RevocationLists,
            options.KeyLogFile);

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
}
