using System.Net;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>How to reach the network and who we are in it: what clients and transports share.</summary>
internal sealed record NetworkSettings
{
    /// <summary>Where paths come from: a copy of the options.</summary>
    public required ScionOptions Source { get; init; }

    /// <summary>True to send from the address under which border routers see this host.</summary>
    public required bool UsesStun { get; init; }

    /// <summary>How to probe paths that are not in use; null for not at all.</summary>
    public required PathProberOptions? Probing { get; init; }

    public required IPEndPoint? Bind { get; init; }

    public required IsdAs? LocalIsdAs { get; init; }

    public required IPathPolicy PathPolicy { get; init; }

    public required string? ServerName { get; init; }

    public required TlsFiles Tls { get; init; }

    /// <summary>Looks the addresses of a host name up.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> ResolveHost { get; init; } = Dns.GetHostAddressesAsync;

    public static NetworkSettings From(QuicDialerOptions options) =>
        From(options.Scion, options.Tls, options.ApplicationProtocol) with { ResolveHost = options.ResolveHost };

    public static NetworkSettings From(ScionOptions scion, TlsOptions tls, string applicationProtocol = "mqtt")
    {
        BindAddress? bind = scion.Bind is not null && BindAddress.TryParse(scion.Bind, out var parsed) ? parsed : null;
        return new NetworkSettings
        {
            Source = scion.Copy(),
            UsesStun = scion.UseStun,
            Probing = scion.ProbeInterval is { } interval ? new PathProberOptions { Interval = interval } : null,
            Bind = bind?.EndPoint,
            LocalIsdAs = scion.LocalIsdAs is null ? bind?.IsdAs : IsdAs.Parse(scion.LocalIsdAs),
            PathPolicy = scion.ToPolicy(),
            ServerName = tls.ServerName,
            Tls = TlsFiles.From(tls) with { ApplicationProtocol = applicationProtocol },
        };
    }

    /// <summary>The name that the server's certificate must carry.</summary>
    public string ServerNameFor(ServerAddress server) => ServerName ?? server.Host;

    /// <summary>Makes the path source of these settings, without a cache; the caller disposes it.</summary>
    public OwnedPathSource CreatePathSource(TimeProvider time) => PathSources.CreateUncached(Source, time);
}
