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

    /// <summary>The seed of what is random on links: loss, jitter, duplicates, reordering; default 0.</summary>
    public int Seed { get; set; }

    /// <summary>The bearer token that the endhost APIs ask for; null (default) for none.</summary>
    public string? Token { get; set; }

    /// <summary>
    /// Where border routers listen towards hosts, for ASes with several the first one; default the AS's address with
    /// ports that the system chooses.
    /// </summary>
    public IReadOnlyDictionary<IsdAs, IPEndPoint> RouterAddresses { get; set; } = new Dictionary<IsdAs, IPEndPoint>();

    /// <summary>
    /// True to give each IPv4 AS a loopback address of its own, 127.20.x.y, so that one machine can have a host with
    /// the endhost port in each; default false: all share 127.0.0.1. Linux and Windows only. IPv6 ASes share ::1.
    /// </summary>
    public bool SeparatesAddresses { get; set; }

    /// <summary>
    /// The port of a host that gets what names no port or one outside the dispatched range, such as echo requests;
    /// default 30041.
    /// </summary>
    public ushort EndhostPort { get; set; } = 30041;

    /// <summary>The ports of hosts to which routers deliver; default all, 1 to 65535.</summary>
    public PortRange DispatchedPorts { get; set; } = new(1, ushort.MaxValue);

    /// <summary>ASes whose dispatched ports are others than <see cref="DispatchedPorts"/>; default none.</summary>
    public IReadOnlyDictionary<IsdAs, PortRange> DispatchedPortsByAs { get; set; } = new Dictionary<IsdAs, PortRange>();

    /// <summary>The most SCMP messages per second that each border router sends of itself; default 1000.</summary>
    /// <remarks>At least 1; up to a tenth of it go out at once.</remarks>
    public int ScmpPerSecond { get; set; } = 1000;

    /// <summary>What is offered to hosts beside the routers; default all but the echo responders.</summary>
    public NetworkServiceKinds Services { get; set; } = NetworkServiceKinds.Default;

    /// <summary>
    /// Where daemons, control services and bootstrap servers listen; default the AS's address with ports that the
    /// system chooses.
    /// </summary>
    public IReadOnlyDictionary<(NetworkServiceKinds Kind, IsdAs IsdAs), IPEndPoint> ServiceAddresses { get; set; } =
        new Dictionary<(NetworkServiceKinds Kind, IsdAs IsdAs), IPEndPoint>();

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

    /// <summary>The options for the network of a file or a name, as <see cref="Topology.Load"/> reads it; the addresses
    /// of a pocketscion configuration are taken over.</summary>
    /// <exception cref="FormatException">The file is no topology; the message names the file, the place, what was
    /// expected and what is there.</exception>
    /// <exception cref="IOException">The file can't be read.</exception>
    public static EmulatedNetworkOptions Load(string pathOrName)
    {
        var (topology, config) = TopologyFile.Load(pathOrName);
        return config is null ? new EmulatedNetworkOptions { Topology = topology } : From(config);
    }

    internal void Validate()
    {
        if (ScmpPerSecond < 1)
            throw new ArgumentException($"ScmpPerSecond: expected at least 1, got {ScmpPerSecond}.");
        if (EndhostPort == 0)
            throw new ArgumentException("EndhostPort: expected 1 to 65535, got 0.");
        foreach (var (kind, isdAs) in ServiceAddresses.Keys)
        {
            if (kind is not (NetworkServiceKinds.Daemon or NetworkServiceKinds.ControlService
                or NetworkServiceKinds.BootstrapServer))
            {
                throw new ArgumentException(
                    "ServiceAddresses: expected the kind Daemon, ControlService or BootstrapServer for "
                    + $"{isdAs}, got {kind}.");
            }
        }
    }
}
