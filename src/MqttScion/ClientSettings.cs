using System.Net;
using System.Text;
using MqttScion.Mqtt;
using MqttScion.Quic;
using MqttScion.Scion;
using Polly;

namespace MqttScion;

/// <summary>The options of a client, checked and frozen.</summary>
internal sealed record ClientSettings
{
    public required IReadOnlyList<ScionEndPoint> Servers { get; init; }

    public required NetworkSettings Network { get; init; }

    public required MqttSessionOptions Mqtt { get; init; }

    public required QuicOptions Quic { get; init; }

    public required int PathsPerAttempt { get; init; }

    public required int MaxQueuedMessages { get; init; }

    public required long MaxQueuedBytes { get; init; }

    public required int MaxPendingPublishes { get; init; }

    public required TimeSpan ReconnectDelay { get; init; }

    public required TimeSpan MaxReconnectDelay { get; init; }

    public required Action<ResiliencePipelineBuilder>? Failover { get; init; }

    /// <summary>Checks and copies options.</summary>
    /// <exception cref="ArgumentException">An option is missing or out of range; the text names each.</exception>
    public static ClientSettings From(ScionMqttClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var faults = options.Validate();
        if (faults.Count > 0)
        {
            throw new ArgumentException("The options are not valid. " + string.Join(' ', faults), nameof(options));
        }
        return new ClientSettings
        {
            Servers = [.. options.Servers.Select(s => ScionEndPoint.Parse(s))],
            Network = NetworkSettings.From(options.Scion, options.Tls),
            Mqtt = new MqttSessionOptions
            {
                ClientId = options.ClientId,
                UserName = options.UserName,
                Password = options.Password is null ? null : Encoding.UTF8.GetBytes(options.Password),
                KeepAlivePeriod = options.KeepAlivePeriod,
                ConnectTimeout = options.ConnectTimeout,
                ReceiveMaximum = (ushort)options.ReceiveMaximum,
                MaximumPacketSize = options.MaximumPacketSize,
            },
            Quic = new QuicOptions
            {
                HandshakeTimeout = options.HandshakeTimeout,
                IdleTimeout = options.IdleTimeout,
            },
            PathsPerAttempt = options.PathsPerAttempt,
            MaxQueuedMessages = options.MaxQueuedMessages,
            MaxQueuedBytes = options.MaxQueuedBytes,
            MaxPendingPublishes = options.MaxPendingPublishes,
            ReconnectDelay = options.ReconnectDelay,
            MaxReconnectDelay = options.MaxReconnectDelay,
            Failover = options.Failover,
        };
    }
}

/// <summary>How to reach the network and who we are in it: what clients and transports share.</summary>
internal sealed record NetworkSettings
{
    public required Uri? EndhostApi { get; init; }

    public required string? Token { get; init; }

    public required IPathSource? PathSource { get; init; }

    public required IPEndPoint? Bind { get; init; }

    public required IsdAs? LocalIsdAs { get; init; }

    public required IPathPolicy PathPolicy { get; init; }

    public required string? ServerName { get; init; }

    public required TlsFiles Tls { get; init; }

    public static NetworkSettings From(ScionOptions scion, TlsOptions tls)
    {
        BindAddress? bind = scion.Bind is not null && BindAddress.TryParse(scion.Bind, out var parsed) ? parsed : null;
        var order = scion.PathPolicy ?? PathPolicies.FewestHops();
        return new NetworkSettings
        {
            EndhostApi = scion.EndhostApi,
            Token = scion.Token,
            PathSource = scion.PathSource,
            Bind = bind?.EndPoint,
            LocalIsdAs = scion.LocalIsdAs is null ? bind?.IsdAs : IsdAs.Parse(scion.LocalIsdAs),
            PathPolicy = scion.Acl is null ? order : AclPolicy.Parse(scion.Acl).Then(order),
            ServerName = tls.ServerName,
            Tls = TlsFiles.From(tls),
        };
    }

    /// <summary>The name that the server's certificate must carry.</summary>
    public string ServerNameFor(ScionEndPoint server) => ServerName ?? server.Host.ToString();

    /// <summary>The path source of these settings; the caller disposes what it gets when it is disposable and its own.</summary>
    public IPathSource CreatePathSource(TimeProvider time, out IDisposable? owned)
    {
        if (PathSource is not null)
        {
            owned = null;
            return PathSource;
        }
        var source = new EndhostApiPathSource(new EndhostApiOptions { Url = EndhostApi, Token = Token }, time);
        owned = source;
        return source;
    }
}

/// <summary>The certificate files; read anew for every connection, so that renewed ones are taken.</summary>
internal sealed record TlsFiles(string TrustedCertificates, string Certificate, string Key, string? RevocationLists)
{
    public static TlsFiles From(TlsOptions options) =>
        new(options.TrustedCertificates!, options.Certificate!, options.Key!, options.RevocationLists);

    /// <summary>Reads the files and prepares TLS. The caller disposes the result.</summary>
    public GnuTlsFactory Load(bool requireClientCertificate = true) => new(new QuicTlsOptions
    {
        TrustedCertificatesPem = File.ReadAllText(TrustedCertificates),
        CertificateChainPem = File.ReadAllText(Certificate),
        PrivateKeyPem = File.ReadAllText(Key),
        RevocationListsPem = RevocationLists is null ? null : File.ReadAllText(RevocationLists),
        RequireClientCertificate = requireClientCertificate,
    });
}

/// <summary>A local address: an IP endpoint, with or without the ISD-AS that it is in.</summary>
internal readonly record struct BindAddress(IsdAs? IsdAs, IPEndPoint EndPoint)
{
    public static bool TryParse(string text, out BindAddress address)
    {
        if (ScionEndPoint.TryParse(text, out var scion) && scion.TryGetIPEndPoint(out var endPoint))
        {
            address = new BindAddress(scion.IsdAs, endPoint);
            return true;
        }
        var isIP = IPEndPoint.TryParse(text, out endPoint);
        address = new BindAddress(null, endPoint ?? new IPEndPoint(IPAddress.Any, 0));
        return isIP;
    }
}
