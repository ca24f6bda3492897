using System.Security.Cryptography;
using System.Text;

namespace MqttScion.Quic;

/// <summary>
/// What <see cref="QuicTlsOptions"/> say beside the credentials themselves, checked and frozen: the same for each
/// provider.
/// </summary>
internal sealed class QuicTlsSettings
{
    private const int MaxProtocols = 8, MaxProtocolLength = 31;

    private readonly bool _hasCertificate;
    private readonly bool _hasTrust;
    private readonly bool _requiresClientCertificate;

    /// <summary>Checks the options.</summary>
    /// <exception cref="TlsConfigurationException">An option cannot be used.</exception>
    public QuicTlsSettings(QuicTlsOptions options)
    {
        ApplicationProtocols = Encode(options.ApplicationProtocols);
        OfferedProtocols = string.Join(", ", options.ApplicationProtocols);
        KeyLog = options.KeyLog;
        Identity = SHA256.HashData(Encoding.UTF8.GetBytes(options.CertificateChainPem ?? ""));
        _hasCertificate = options.CertificateChainPem is not null;
        _hasTrust = options.TrustedCertificatesPem is not null;
        _requiresClientCertificate = options.RequireClientCertificate;
    }

    /// <summary>The protocols for ALPN, the preferred first.</summary>
    public byte[][] ApplicationProtocols { get; }

    /// <summary>The same for people.</summary>
    public string OfferedProtocols { get; }

    /// <summary>Takes the lines of the key log; null for none.</summary>
    public Action<string>? KeyLog { get; }

    /// <summary>Stands for our certificate: a session is resumed only with the one that it began with.</summary>
    public byte[] Identity { get; }

    /// <summary>What a server asks of its clients.</summary>
    public ClientCertificateDemand Demand =>
        _requiresClientCertificate ? ClientCertificateDemand.Required
        : _hasTrust ? ClientCertificateDemand.Optional
        : ClientCertificateDemand.None;

    /// <summary>
    /// True when early data can be taken at all: RFC 8446 §4.2.10 ties it to the protocol of its ticket, which is only
    /// certain when there is but one.
    /// </summary>
    public bool AllowsEarlyData => ApplicationProtocols.Length == 1;

    /// <summary>Sees to it that there is what a client needs.</summary>
    /// <exception cref="TlsConfigurationException">There are no trusted CAs to check the server with.</exception>
    public void EnsureClient()
    {
        if (!_hasTrust)
        {
            throw new TlsConfigurationException(
                nameof(QuicTlsOptions.TrustedCertificatesPem),
                "is missing; a client needs the CAs that it trusts");
        }
    }

    /// <summary>Sees to it that there is what a server needs.</summary>
    /// <exception cref="TlsConfigurationException">
    /// There is no certificate, or client certificates are required and there are no trusted CAs to check them with.
    /// </exception>
    public void EnsureServer()
    {
        if (!_hasCertificate)
        {
            throw new TlsConfigurationException(
                nameof(QuicTlsOptions.CertificateChainPem),
                "is missing; a server needs a certificate");
        }

        if (_requiresClientCertificate && !_hasTrust)
        {
            throw new TlsConfigurationException(
                nameof(QuicTlsOptions.TrustedCertificatesPem),
                $"is missing; {nameof(QuicTlsOptions.RequireClientCertificate)} needs the CAs that it trusts");
        }
    }

    /// <summary>
    /// What a ticket must be issued under to be good: what a client was told with it must still be so when it comes
    /// back (RFC 9000 §7.4.1).
    /// </summary>
    public byte[] TicketContext(ReadOnlySpan<byte> context, bool takesEarlyData)
    {
        var settings = new List<byte> { (byte)Demand, takesEarlyData ? (byte)1 : (byte)0 };
        foreach (var protocol in ApplicationProtocols)
        {
            settings.Add((byte)protocol.Length);
            settings.AddRange(protocol);
        }

        settings.AddRange(context);
        return [.. settings];
    }

    // Libraries refuse more and longer ones, but only when a session starts.
    private static byte[][] Encode(IList<string> protocols)
    {
        const string Option = nameof(QuicTlsOptions.ApplicationProtocols);
        if (protocols.Count == 0)
        {
            throw new TlsConfigurationException(Option, "is empty; QUIC needs at least one");
        }

        if (protocols.Count > MaxProtocols)
        {
            throw new TlsConfigurationException(Option, $"there may be at most {MaxProtocols}");
        }

        if (protocols.Any(protocol => protocol.Length is < 1 or > MaxProtocolLength || !Ascii.IsValid(protocol)))
        {
            throw new TlsConfigurationException(Option, $"each must be 1 to {MaxProtocolLength} bytes of ASCII");
        }

        return [.. protocols.Select(Encoding.ASCII.GetBytes)];
    }
}
