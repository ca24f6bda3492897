using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>
/// A SCION network in this process over real UDP sockets: border routers, links between them, and what hosts ask.
/// </summary>
/// <remarks>
/// Hosts of an AS bind <see cref="HostAddressOf"/>. A few threads drive all border routers. Members may be called by
/// any thread.
/// </remarks>
public sealed class EmulatedNetwork : IAsyncDisposable
{
    private readonly Dictionary<IsdAs, List<BorderRouter>> _routers = [];
    private readonly Dictionary<IsdAs, ServiceTable> _services = [];
    private readonly Dictionary<string, EmulatedLink> _linksByEnd = [];
    private readonly List<EmulatedLink> _links = [];
    private readonly List<RouterLoop> _loops = [];
    private readonly EmulatedNetworkOptions _options;
    private readonly AddressPlan _addresses;
    private readonly ForwardingKeys _keys = new();
    private readonly NetworkServers _servers;

    private EmulatedNetwork(EmulatedNetworkOptions options)
    {
        (_options, _addresses, Topology) = (options, new AddressPlan(options), options.Topology);
        var segments = new SegmentFactory(Topology, _keys, options.Segments, options.TimeProvider);
        _servers = new NetworkServers(this, options, segments);
    }

    /// <summary>The ASes and links.</summary>
    public Topology Topology { get; }

    /// <summary>All links: those between ASes in the order of the topology, then those inside ASes.</summary>
    public IReadOnlyList<EmulatedLink> Links => _links;

    /// <summary>The services for hosts, by kind and AS; those that could not start are told by their Fault.</summary>
    public IReadOnlyList<NetworkService> Services => _servers.Services;

    /// <summary>The port of a host that gets what names no port, such as echo requests.</summary>
    public int EndhostPort => _options.EndhostPort;

    /// <summary>Starts a network; it forwards and answers when the task ends.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">An address is in use or not of this machine.</exception>
    /// <exception cref="IOException">The address of a service is in use.</exception>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static async Task<EmulatedNetwork> StartAsync(
        EmulatedNetworkOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new EmulatedNetworkOptions();
        options.Validate();
        var network = new EmulatedNetwork(options);
        try
        {
            network.StartRouters();
            await network._servers.StartAsync(cancellationToken).ConfigureAwait(false);
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
    public Uri EndhostApiUrl(IsdAs isdAs) => _servers.Find(NetworkServiceKinds.EndhostApi, isdAs).Url!;

    /// <summary>The address of the daemon for hosts of an AS, for <see cref="DaemonOptions.Url"/>.</summary>
    /// <exception cref="KeyNotFoundException">The network has no daemon for the AS.</exception>
    public Uri DaemonUrl(IsdAs isdAs) => _servers.Find(NetworkServiceKinds.Daemon, isdAs).Url!;

    /// <summary>The address of the control service of an AS.</summary>
    /// <exception cref="KeyNotFoundException">The network has no control service for the AS.</exception>
    public IPEndPoint ControlServiceOf(IsdAs isdAs) => _servers.Find(NetworkServiceKinds.ControlService, isdAs).Address;

    /// <summary>The address of the bootstrap server of an AS, for <see cref="StandaloneOptions.BootstrapServer"/>.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The network has no bootstrap server for the AS.</exception>
    public Uri BootstrapUrl(IsdAs isdAs) => _servers.Find(NetworkServiceKinds.BootstrapServer, isdAs).Url!;

    /// <summary>The border router of an AS; where there are several, the first.</summary>
    /// <exception cref="KeyNotFoundException">The network has no such AS.</exception>
    public BorderRouter RouterOf(IsdAs isdAs) => FindRouters(isdAs)[0];

    /// <summary>The border router that owns an interface.</summary>
    /// <exception cref="KeyNotFoundException">The network has no such interface.</exception>
    public BorderRouter RouterOf(PathInterface id) =>
        FindRouters(id.IsdAs).Find(router => router.Interfaces.Contains(id.Id))
            ?? throw new KeyNotFoundException($"No border router has the interface {id}.");

    /// <summary>The border routers of an AS, in the order in which the topology names them; at least one.</summary>
    /// <exception cref="KeyNotFoundException">The network has no such AS.</exception>
    public IReadOnlyList<BorderRouter> RoutersOf(IsdAs isdAs) => FindRouters(isdAs);

    /// <summary>The address of this machine for hosts of an AS.</summary>
    /// <exception cref="KeyNotFoundException">The network has no such AS.</exception>
    public IPAddress HostAddressOf(IsdAs isdAs) => _addresses.HostOf(isdAs);

    /// <summary>The ports of hosts to which the routers of an AS deliver.</summary>
    public PortRange DispatchedPortsOf(IsdAs isdAs) =>
        _options.DispatchedPortsByAs.TryGetValue(isdAs, out var range) ? range : _options.DispatchedPorts;

    /// <summary>Tells the routers of an AS where a service is; packets to the service go to its instances in turn.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The network has no such AS.</exception>
    public void AddService(IsdAs isdAs, ServiceAddress service, IPEndPoint backend)
    {
        _ = FindRouters(isdAs);
        _services[isdAs].Add(service, backend);
    }

    /// <summary>The link with an end of this name, such as <c>1-ff00:0:110#1</c>.</summary>
    /// <exception cref="KeyNotFoundException">No link of the network has this end.</exception>
    public EmulatedLink LinkAt(string end) => _linksByEnd.TryGetValue(end, out var link)
        ? link
        : throw new KeyNotFoundException($"No link of the network ends at {end}.");

    /// <summary>The link with this end.</summary>
    /// <exception cref="KeyNotFoundException">No link of the network has this end.</exception>
    public EmulatedLink LinkAt(PathInterface end) => LinkAt(end.ToString());

    /// <summary>Sets both directions of a link, named by one of its ends, such as <c>1-ff00:0:110#1</c>.</summary>
    /// <exception cref="KeyNotFoundException">No link of the network has this end.</exception>
    public void SetLink(PathInterface end, LinkState state) =>
        LinkAt(end).Change(before => before with { State = state });

    /// <summary>Sets both directions of a link.</summary>
    /// <exception cref="KeyNotFoundException">No link of the network has this end.</exception>
    public void SetLink(PathInterface end, LinkConditions conditions) => LinkAt(end).Change(_ => conditions);

    /// <summary>What happens to packets that leave by an end.</summary>
    /// <exception cref="KeyNotFoundException">No link of the network has this end.</exception>
    public LinkConditions ConditionsOf(PathInterface end)
    {
        var link = LinkAt(end);
        return link.A == end.ToString() ? link.FromA : link.FromB;
    }

    /// <summary>Sets what happens to packets that leave by an end, and leaves the other direction.</summary>
    /// <exception cref="KeyNotFoundException">No link of the network has this end.</exception>
    public void SetConditions(PathInterface end, LinkConditions conditions) =>
        LinkAt(end).Change(end.ToString(), LinkDirections.Out, _ => conditions);

    /// <summary>Stops the routers and services.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }
        foreach (var router in _routers.Values.SelectMany(each => each))
        {
            router.Dispose();
        }
        await _servers.DisposeAsync().ConfigureAwait(false);
    }

    private List<BorderRouter> FindRouters(IsdAs isdAs) => _routers.TryGetValue(isdAs, out var routers)
        ? routers
        : throw new KeyNotFoundException($"The network has no AS {isdAs}.");

    private void StartRouters()
    {
        foreach (var isdAs in Topology.Ases.Select(each => each.IsdAs))
        {
            _services.Add(isdAs, new ServiceTable());
            _routers.Add(isdAs, []);
            var groups = Topology.LinksOf(isdAs).ToLookup(link => link.Router);
            foreach (var name in groups.Select(group => group.Key).DefaultIfEmpty(TopologyLink.DefaultRouter))
            {
                AddRouter(isdAs, name, _keys.KeyOf(isdAs), groups[name]);
            }
        }
        foreach (var link in Topology.Links)
        {
            Join(link);
        }
        foreach (var routers in _routers.Values)
        {
            JoinSiblings(routers);
        }

        // As many threads as can run at a time: more would only make them wait for each other.
        var all = _routers.Values.SelectMany(each => each).Index().ToLookup(
            each => each.Index % Environment.ProcessorCount, each => each.Item);
        _loops.AddRange(all.Select(share => new RouterLoop([.. share], _options.TimeProvider)));
    }

    private void AddRouter(IsdAs isdAs, string name, byte[] key, IEnumerable<LocalLink> links)
    {
        var routers = _routers[isdAs];
        routers.Add(new BorderRouter(
            new BorderRouterOptions
            {
                IsdAs = isdAs,
                Name = name,
                ForwardingKey = key,
                InternalAddress = _addresses.RouterOf(isdAs, isFirst: routers.Count == 0),
                Interfaces = [.. links.Select(InterfaceOf)],
                TimeProvider = _options.TimeProvider,
                Seed = _options.Seed + _routers.Count * 1009 + routers.Count,
                Ports = new PortDispatch(_options.EndhostPort, DispatchedPortsOf(isdAs)),
                ScmpPerSecond = _options.ScmpPerSecond,
            },
            _services[isdAs]));
    }

    private void Join(TopologyLink link)
    {
        var (routerA, routerB) = (RouterOf(link.A), RouterOf(link.B));
        routerA.Connect(link.A.Id, routerB.EndPointOf(link.B.Id));
        routerB.Connect(link.B.Id, routerA.EndPointOf(link.A.Id));
        Add(new EmulatedLink(
            link.A.ToString(),
            link.B.ToString(),
            link.Type,
            link.Mtu,
            routerA.ShaperOf(link.A.Id),
            routerB.ShaperOf(link.B.Id)));
    }

    private void JoinSiblings(List<BorderRouter> routers)
    {
        foreach (var (i, a) in routers.Index())
        {
            foreach (var b in routers.Skip(i + 1))
            {
                var (fromA, fromB) = (a.Join(b), b.Join(a));
                var mtu = Topology.As(a.IsdAs).Mtu;
                Add(new EmulatedLink(
                    $"{a.IsdAs}#{a.Name}~{b.Name}", $"{a.IsdAs}#{b.Name}~{a.Name}", type: null, mtu, fromA, fromB));
            }
        }
    }

    private void Add(EmulatedLink link)
    {
        _links.Add(link);
        _linksByEnd.Add(link.A, link);
        _linksByEnd.Add(link.B, link);
    }

    private RouterInterface InterfaceOf(LocalLink link) => new()
    {
        Id = link.Local.Id,
        Local = _addresses.LinkOf(link.Local.IsdAs, link.Link),
        Mtu = link.Link.Mtu,
        Conditions = LinkConditions.Perfect with
        {
            Delay = link.Link.Delay ?? TimeSpan.Zero,
            LossRate = link.Link.LossRate ?? 0,
        },
        Type = link.Link.Type switch
        {
            TopologyLinkType.Core => LinkType.Core,
            TopologyLinkType.Peer => LinkType.Peer,
            _ => link.IsToChild ? LinkType.Child : LinkType.Parent,
        },
    };
}
