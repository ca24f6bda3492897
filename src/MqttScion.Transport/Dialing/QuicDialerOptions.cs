using System.Net;
using MqttScion.Quic;

namespace MqttScion.Transport;

/// <summary>How a <see cref="QuicDialer"/> reaches servers, and who it is to them. Copied when it is made.</summary>
public sealed record QuicDialerOptions
{
    /// <summary>The SCION side.</summary>
    public required ScionOptions Scion { get; init; }

    /// <summary>The certificates. The files are read for each connection, so that renewed ones are taken.</summary>
    public required TlsOptions Tls { get; init; }

    /// <summary>The engine's options; what a dial decides is set in a copy.</summary>
    public required QuicOptions Quic { get; init; }

    /// <summary>The application protocol to agree on (ALPN, RFC 7301). Default <c>mqtt</c>.</summary>
    public string ApplicationProtocol { get; init; } = "mqtt";

    /// <summary>Directory for a qlog trace of each connection; null for none.</summary>
    public string? QlogDirectory { get; init; }

    /// <summary>Looks the addresses of a host name up.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> ResolveHost { get; init; } = Dns.GetHostAddressesAsync;
}
