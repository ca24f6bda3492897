namespace MqttScion;

/// <summary>The certificates of TLS, mutual where SCION is. Each is the path of a PEM file.</summary>
/// <remarks>Paths are relative to the working directory, those that <c>AddScionMqtt</c> reads from the configuration to
/// the host's content root. A client reads the files for each connection, so that renewed ones are taken.</remarks>
public sealed class TlsOptions
{
    /// <summary>File of the CA certificates that the peer's certificate must lead to. Required; there is no
    /// system store (Debian keeps the public CAs in <c>/etc/ssl/certs/ca-certificates.crt</c>).</summary>
    public string? TrustedCertificates { get; set; }

    /// <summary>
    /// File of our own certificate, followed by its intermediates. Required when a server is on SCION, whose proxies
    /// ask for it; with none but <c>mqtt-quic</c> servers it may be null, and then no client certificate is presented.
    /// </summary>
    public string? Certificate { get; set; }

    /// <summary>File of the private key of <see cref="Certificate"/>. Required with it.</summary>
    public string? Key { get; set; }

    /// <summary>File of certificate revocation lists, or null for none.</summary>
    public string? RevocationLists { get; set; }

    /// <summary>
    /// The name that the certificate of each server must carry. Null (the default) checks the IP address of the SCION
    /// host against the certificate's IP names, and the host of an <c>mqtt-quic</c> address, be it a DNS name or an IP
    /// address, against the names of its kind. There is no way to leave the check out.
    /// </summary>
    public string? ServerName { get; set; }

    /// <summary>
    /// File to which the traffic secrets of every connection are appended in the NSS key log format; mode 0600.
    /// With it, whoever captured packets can read them, past ones too: for diagnosis only. A warning is logged. Default
    /// null: secrets are written nowhere, whatever the environment says.
    /// </summary>
    public string? KeyLogFile { get; set; }
}
