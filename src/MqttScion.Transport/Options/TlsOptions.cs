using System.Net;
using MqttScion.Options;

namespace MqttScion;

/// <summary>The certificates of TLS, mutual where SCION is. Each is the path of a PEM file.</summary>
/// <remarks>Paths are relative to the working directory, those that <c>AddScionMqtt</c> reads from the configuration to
/// the host's content root. A client reads the files for each connection, so that renewed ones are taken.</remarks>
public sealed class TlsOptions
{
    /// <summary>File of the CA certificates that the peer's certificate must lead to. Required; there is no
    /// system store (Debian keeps the public CAs in <c>/etc/ssl/certs/ca-certificates.crt</c>).</summary>
    [OptionPath(OptionPathTarget.File, "PEM file", IsRequired = true)]
    public string? TrustedCertificates { get; set; }

    /// <summary>
    /// File of our own certificate, followed by its intermediates. Required when a server is on SCION, whose proxies
    /// ask for it; with none but <c>mqtt-quic</c> servers it may be null, and then no client certificate is presented.
    /// </summary>
    [OptionPath(OptionPathTarget.File, "PEM file")]
    public string? Certificate { get; set; }

    /// <summary>File of the private key of <see cref="Certificate"/>. Required with it.</summary>
    [OptionPath(OptionPathTarget.File, "PEM file")]
    public string? Key { get; set; }

    /// <summary>File of certificate revocation lists, or null for none.</summary>
    [OptionPath(OptionPathTarget.File, "PEM file")]
    public string? RevocationLists { get; set; }

    /// <summary>
    /// The name that the certificate of each server must carry. Null (the default) checks the IP address of the SCION
    /// host against the certificate's IP names, and the host of an <c>mqtt-quic</c> address, be it a DNS name or an IP
    /// address, against the names of its kind. There is no way to leave the check out.
    /// </summary>
    [ServerName]
    public string? ServerName { get; set; }

    /// <summary>
    /// File to which the traffic secrets of every connection are appended in the NSS key log format; mode 0600.
    /// With it, whoever captured packets can read them, past ones too: for diagnosis only. A warning is logged. Default
    /// null: secrets are written nowhere, whatever the environment says.
    /// </summary>
    [OptionPath(OptionPathTarget.WrittenFile)]
    public string? KeyLogFile { get; set; }

    /// <summary>What is missing; the values by themselves are checked by the table of the options.</summary>
    /// <param name="isMutual">True where a certificate of our own is asked for.</param>
    public IEnumerable<string> FindMissing(bool isMutual)
    {
        if (!isMutual && Certificate is null && Key is null)
        {
            yield break;
        }
        if (Certificate is null)
        {
            yield return "Tls.Certificate: expected the path of a PEM file, found nothing.";
        }
        if (Key is null)
        {
            yield return "Tls.Key: expected the path of a PEM file, found nothing.";
        }
    }

    private sealed class ServerNameAttribute : OptionTextAttribute
    {
        protected override string? FaultOf(string text) => IPAddress.TryParse(text, out _)
            || (text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'))
                ? null
                : $"expected a DNS name in ASCII (others as xn--…) or an IP address, found '{text}'.";
    }
}
