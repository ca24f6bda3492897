using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>What an <see cref="EmulatedNetwork"/> is made from. Read once, at start.</summary>
public sealed class EmulatedNetworkOptions
{
    /// <summary>The ASes and links; default <see cref="Topology.Default"/>.</summary>
    public Topology Topology { get; set; } = Topology.Default;

    /// <summary>Lifetime and age of the segments.</summary>
    public SegmentFactoryOptions Segments { get; set; } = new();

    /// <summary>The clock of routers and segments.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>The bearer token that the endhost APIs ask for; null (default) for none.</summary>
    public string? Token { get; set; }

    /// <summary>
    /// Where border routers listen towards hosts; default 127.0.0.1 with ports that the system chooses.
    /// </summary>
    public IReadOnlyDictionary<IsdAs, IPEndPoint> RouterAddresses { get; set; } = new Dictionary<IsdAs, IPEndPoint>();

    /// <summary>Which endhost APIs there are; empty (default) for one per AS on 127.0.0.1.</summary>
    public IReadOnlyList<PocketScionEndhostApi> EndhostApis { get; set; } = [];

    /// <summary>The options for the network of a pocketscion configuration; its SNAPs are left out.</summary>
    public static EmulatedNetworkOptions From(PocketScionConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new EmulatedNetworkOptions
        {
            Topology = config.Topology,
            RouterAddresses = config.Routers.ToDictionary(router => router.IsdAs, router => router.Listen),
            EndhostApis = config.EndhostApis,
        };
    }
}
