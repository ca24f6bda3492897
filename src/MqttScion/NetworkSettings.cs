using System.Net;
using MqttScion.Scion;

namespace MqttScion;

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

    /// <summary>The path source of these settings; the caller disposes <paramref name="owned"/>.</summary>
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
