using MqttScion.Quic;

namespace MqttScion;

/// <summary>The certificate files; read anew for every connection, so that renewed ones are taken.</summary>
internal sealed record TlsFiles(
    string TrustedCertificates, string Certificate, string Key, string? RevocationLists, string? KeyLog = null)
{
    public static TlsFiles From(TlsOptions options) =>
        new(
            options.TrustedCertificates!,
            options.Certificate!,
            options.Key!,
            options.RevocationLists,
            options.KeyLogFile);

    /// <summary>Reads the files and prepares TLS. The caller disposes the result.</summary>
    public GnuTlsFactory Load(KeyLogFile? keyLog = null, bool requireClientCertificate = true) => new(
        new QuicTlsOptions
        {
            TrustedCertificatesPem = File.ReadAllText(TrustedCertificates),
            CertificateChainPem = File.ReadAllText(Certificate),
            PrivateKeyPem = File.ReadAllText(Key),
            RevocationListsPem = RevocationLists is null ? null : File.ReadAllText(RevocationLists),
            RequireClientCertificate = requireClientCertificate,
            KeyLog = keyLog is null ? null : keyLog.Append,
        });
}
