using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>What an <see cref="EndhostApiServer"/> serves and where.</summary>
public sealed class EndhostApiServerOptions
{
    /// <summary>The address to listen on; default 127.0.0.1 with a port that the system chooses.</summary>
    public IPEndPoint Listen { get; set; } = new(IPAddress.Loopback, 0);

    /// <summary>The ASes whose hosts may ask; at least one.</summary>
    public IReadOnlyList<IsdAs> Local { get; set; } = [];

    /// <summary>The border routers of the local ASes.</summary>
    public IReadOnlyList<EndhostApiRouter> Routers { get; set; } = [];

    /// <summary>The bearer token that a caller must show; null (default) for none.</summary>
    public string? Token { get; set; }

    /// <summary>True to know only <c>ListPaths</c>, as servers of scion-sdk 0.4; default false.</summary>
    public bool IsOld { get; set; }

    /// <summary>The most segments in one page; default 64.</summary>
    public int MaxPageSize { get; set; } = 64;
}

/// <summary>A border router as the endhost API announces it.</summary>
/// <param name="IsdAs">Its AS.</param>
/// <param name="Address">Its internal address, to which hosts send.</param>
/// <param name="Interfaces">The interfaces that it owns.</param>
public sealed record EndhostApiRouter(IsdAs IsdAs, IPEndPoint Address, IReadOnlyList<ushort> Interfaces);
