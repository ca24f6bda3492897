using MqttScion.Quic;

namespace MqttScion.Cli;

/// <summary>Faults of the TLS files with the options and files of the command line.</summary>
internal static class TlsFaultNames
{
    /// <summary>The text of a fault.</summary>
    /// <param name="fault">As the library has it, with the options of <see cref="QuicTlsOptions"/>.</param>
    /// <param name="files">The files that are in use.</param>
    public static string Of(TlsConfigurationException fault, TlsOptions files)
    {
        var prefix = $"TLS option {fault.Option}: ";
        var problem = fault.Message.StartsWith(prefix, StringComparison.Ordinal)
            ? fault.Message[prefix.Length..]
            : fault.Message;
        var certificate = $"--cert '{files.Certificate}'";
        var key = $"--key '{files.Key}'";
        if (fault.Option == nameof(QuicTlsOptions.PrivateKeyPem) && problem.Contains(
            nameof(QuicTlsOptions.CertificateChainPem), StringComparison.Ordinal))
        {
            return $"{key} does not belong to {certificate}: expected the private key of its first certificate.";
        }
        return fault.Option switch
        {
            nameof(QuicTlsOptions.TrustedCertificatesPem) => $"--ca-cert '{files.TrustedCertificates}' {problem}.",
            nameof(QuicTlsOptions.CertificateChainPem) => $"{certificate} {problem}.",
            nameof(QuicTlsOptions.PrivateKeyPem) => $"{key} {problem}.",
            _ => fault.Message,
        };
    }
}
