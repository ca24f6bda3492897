using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>
/// A SCION network in this process over real UDP sockets: a border router per AS, links between them, and endhost APIs.
/// </summary>
/// <remarks>
/// Hosts of every AS bind an address of this machine that its border router reaches, 127.0.0.1 by default; routers
/// deliver to the destination port of SCION/UDP. Members may be called by any thread.
/// </remarks>
public sealed class EmulatedNetwork : IAsyncDisposable
{
    private readonly Dictionary<IsdAs, BorderRouter> _routers = [];
    private readonly List<(IReadOnlyList<IsdAs> Local, EndhostApiServer Server)> _endhostApis = [];

    private EmulatedNetwork(Topology topology) => Topology = topology;

    /// <summary>The ASes and links.</summary>
    public Topology Topology { get; }

    /// <summary>Starts a network; it forwards and answers when the task ends.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">An address is in use or not of this machine.</exception>
    /// <exception cref="IOException">The address of an endhost API is in use.</exception>
    public static async Task<EmulatedNetwork> StartAsync(
        EmulatedNetworkOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new EmulatedNetworkOptions();
        var network = new EmulatedNetwork(options.Topology);
        try
        {
            var keys = new ForwardingKeys();
            network.StartRouters(options, keys);
            await network.StartEndhostApisAsync(options, keys, cancellationToken).ConfigureAwait(false);
            return network;
        }
        catch
        {
            await network.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The address of the endhost API for hosts of an AS.</summary>
    /// <exception cref="KeyNotFoundException">No endhost API serves the AS.</exception>
    public Uri EndhostApiUrl(IsdAs isdAs)
    {
        foreach (var (local, server) in _endhostApis)
        {
            if (local.Contains(isdAs))
            {
                return server.Url;
            }
        }
        throw new KeyNotFoundException($"No endhost API of the network serves {isdAs}.");
    }

    /// <summary>The border router of an AS.</summary>
    /// <exception cref="KeyNotFoundException">The network has no such AS.</exception>
    public BorderRouter RouterOf(IsdAs isdAs) =>
        _routers.TryGetValue(isdAs, out var router)
            ? router
            : throw new KeyNotFoundException($"The network has no AS {isdAs}.");

    /// <summary>Sets both directions of a link, named by one of its ends, such as <c>1-ff00:0:110#1</c>.</summary>
    /// <exception cref="KeyNotFoundException">No link of the network has this end.</exception>
    public void SetLink(PathInterface end, LinkState state)
    {
        var link = Topology.Links.FirstOrDefault(link => link.A == end || link.B == end)
            ?? throw new KeyNotFoundException($"No link of the network ends at {end}.");
        foreach (var each in new[] { link.A, link.B })
        {
            var router = _routers[each.IsdAs];
            router.FaultsOf(each.Id).IsCut = state == LinkState.Silent;
            router.SetLinkState(each.Id, up: state != LinkState.Down);
        }
    }

    /// <summary>Loss and delay of a link in the direction that leaves by <paramref name="end"/>.</summary>
    /// <exception cref="KeyNotFoundException">The network has no such AS.</exception>
    /// <exception cref="ArgumentException">The AS has no such interface.</exception>
    public LinkFaults FaultsOf(PathInterface end) => RouterOf(end.IsdAs).FaultsOf(end.Id);

    /// <summary>Stops the routers and endhost APIs.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var router in _routers.Values)
        {
            router.Dispose();
        }
        foreach (var (_, server) in _endhostApis)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void StartRouters(EmulatedNetworkOptions options, ForwardingKeys keys)
    {
        foreach (var isdAs in Topology.Ases.Select(each => each.IsdAs))
        {
            _routers.Add(isdAs, new BorderRouter(new BorderRouterOptions
            {
                IsdAs = isdAs,
                ForwardingKey = keys.KeyOf(isdAs),
                InternalAddress = options.RouterAddresses.GetValueOrDefault(isdAs) ?? new(IPAddress.Loopback, 0),
                Interfaces = [.. Topology.LinksOf(isdAs).Select(InterfaceOf)],
                TimeProvider = options.TimeProvider,
            }));
        }
        foreach (var (a, b) in Topology.Links.Select(link => (link.A, link.B)))
        {
            _routers[a.IsdAs].Connect(a.Id, _routers[b.IsdAs].EndPointOf(b.Id));
            _routers[b.IsdAs].Connect(b.Id, _routers[a.IsdAs].EndPointOf(a.Id));
        }
    }

    private async Task StartEndhostApisAsync(
        EmulatedNetworkOptions options,
        ForwardingKeys keys,
        CancellationToken cancellationToken)
    {
        var segments = new SegmentFactory(Topology, keys, options.Segments, options.TimeProvider);
        var placements = options.EndhostApis.Count > 0
            ? options.EndhostApis
            : Topology.Ases.Select(each => new PocketScionEndhostApi([each.IsdAs], new(IPAddress.Loopback, 0)));
        foreach (var placement in placements)
        {
            var server = await EndhostApiServer
                .StartAsync(
                    new EndhostApiServerOptions
                    {
                        Listen = placement.Listen,
                        Local = placement.Local,
                        Routers = [.. placement.Local.Select(RouterFor)],
                        Token = options.Token,
                    },
                    segments,
                    cancellationToken)
                .ConfigureAwait(false);
            _endhostApis.Add((placement.Local, server));
        }
    }

    private EndhostApiRouter RouterFor(IsdAs isdAs) => new(
        isdAs,
        RouterOf(isdAs).InternalEndPoint,
        [.. Topology.LinksOf(isdAs).Select(link => link.Local.Id)]);

    private static RouterInterface InterfaceOf(LocalLink link) => new()
    {
        Id = link.Local.Id,
        Neighbor = link.Remote.IsdAs,
        Mtu = link.Link.Mtu,
        Type = link.Link.Type switch
        {
            TopologyLinkType.Core => LinkType.Core,
            TopologyLinkType.Peer => LinkType.Peer,
            _ => link.IsToChild ? LinkType.Child : LinkType.Parent,
        },
    };
}
