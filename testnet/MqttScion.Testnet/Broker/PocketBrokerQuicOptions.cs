using System.Net;

namespace MqttScion.Testnet;

/// <summary>How a <see cref="PocketBroker"/> listens for QUIC over UDP and IP, beside TCP.</summary>
/// <remarks>As EMQX does: ALPN <c>mqtt</c>, MQTT on the client's first bidirectional stream and, with conventions of
/// their own, on those after it (<see cref="PocketBrokerConnection"/>), code 0 at the end.</remarks>
public sealed record PocketBrokerQuicOptions
{
    /// <summary>Where to listen. Port 0 takes a free port. Default: loopback, port 0.</summary>
    public IPEndPoint EndPoint { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>PEM file of the broker's certificate.</summary>
    public required string Certificate { get; init; }

    /// <summary>PEM file of its private key.</summary>
    public required string Key { get; init; }

    /// <summary>PEM file of the CAs of clients' certificates: these are asked for then, and checked. Default: null,
    /// clients are not asked.</summary>
    public string? TrustedCertificates { get; init; }

    /// <summary>True refuses clients without a certificate; needs <see cref="TrustedCertificates"/>. Default:
    /// false.</summary>
    public bool RequiresClientCertificate { get; init; }

    /// <summary>The protocol that clients must name by ALPN. Default: <c>mqtt</c>.</summary>
    public string ApplicationProtocol { get; init; } = "mqtt";

    /// <summary>How long a connection may be silent. Default: 30 s.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    internal PocketBrokerQuic Listen(PocketBroker broker, PocketBrokerOptions options)
    {
        var listen = new ScionQuicListenerOptions
        {
            Listen = EndPoint.ToString(),
            ApplicationProtocol = ApplicationProtocol,
            RequireClientCertificate = RequiresClientCertificate,
            MaxConnections = options.MaximumConnections,
            MaxBidirectionalStreams = 1 + options.MaximumDataStreams,
            IdleTimeout = IdleTimeout,
        };
        (listen.Tls.Certificate, listen.Tls.Key) = (Certificate, Key);
        listen.Tls.TrustedCertificates = TrustedCertificates ?? "";
        return new PocketBrokerQuic(broker, ScionQuicListener.Start(listen), options.ConnectTimeout);
    }
}
