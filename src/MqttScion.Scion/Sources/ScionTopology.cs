using System.Net;
using System.Net.Sockets;

namespace MqttScion.Scion;

/// <summary>What an end host needs of the <c>topology.json</c> of its AS. Immutable.</summary>
/// <param name="IsdAs">The AS.</param>
/// <param name="Mtu">Bytes of the largest SCION packet inside it; null when the file does not tell.</param>
/// <param name="IsCore">True for a core AS.</param>
/// <param name="DispatchedPorts">The ports to which border routers deliver; empty for none.</param>
/// <param name="Routers">For each interface, the internal address of its border router.</param>
/// <param name="ControlServices">The control services, as addresses for HTTP, in the order of the file.</param>
internal sealed record ScionTopology(
    IsdAs IsdAs,
    int? Mtu,
    bool IsCore,
    PortRange DispatchedPorts,
    IReadOnlyDictionary<ushort, IPEndPoint> Routers,
    IReadOnlyList<Uri> ControlServices)
{
    private const int MaxRouters = 1024;
    private const int MaxInterfaces = 4096;
    private const int MaxControlServices = 64;
    private const int MaxAttributes = 16;

    /// <summary>Interfaces whose border router is given by host name; see <see cref="ResolveAsync"/>.</summary>
    public IReadOnlyDictionary<ushort, DnsEndPoint> NamedRouters { get; init; } =
        new Dictionary<ushort, DnsEndPoint>();

    /// <summary>The same for users of a path source.</summary>
    public LocalAs ToLocalAs() => new(IsdAs)
    {
        Mtu = Mtu,
        IsCore = IsCore,
        DispatchedPorts = DispatchedPorts,
        Routers = Routers,
    };

    /// <summary>Reads a topology in the form of scionproto; members that a host has no use for are skipped.</summary>
    /// <param name="json">The text in UTF-8.</param>
    /// <exception cref="FormatException">The text has another form; the message says where.</exception>
    public static ScionTopology Parse(ReadOnlyMemory<byte> json) => JsonPlace.Read(json, root =>
    {
        var routers = ReadRouters(root.Find("border_routers"));
        return new ScionTopology(
            root["isd_as"].IsdAs(),
            (int?)root.Find("mtu")?.Number(1, ushort.MaxValue),
            root.Find("attributes")?.Items(MaxAttributes).Any(each => each.Text() == "core") ?? false,
            root.Find("dispatched_ports")?.Ports() ?? default,
            Of<IPEndPoint>(routers),
            [
                .. root.Find("control_service")?.Members(MaxControlServices)
                    .Select(each => ReadService(each.Value["addr"])) ?? [],
            ])
        {
            NamedRouters = Of<DnsEndPoint>(routers),
        };
    });

    /// <summary>The same with the addresses of border routers that are given by name.</summary>
    /// <param name="resolve">Looks a name up.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <exception cref="FormatException">A name has no address; the message says which.</exception>
    public async Task<ScionTopology> ResolveAsync(
        Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken cancellationToken)
    {
        var routers = new Dictionary<ushort, IPEndPoint>(Routers);
        foreach (var group in NamedRouters.GroupBy(each => each.Value))
        {
            var address = await FindAsync(group.Key.Host, resolve, cancellationToken).ConfigureAwait(false);
            foreach (var (id, name) in group)
            {
                routers.Add(id, new IPEndPoint(address, name.Port));
            }
        }
        return this with { Routers = routers, NamedRouters = new Dictionary<ushort, DnsEndPoint>() };
    }

    private static async Task<IPAddress> FindAsync(
        string host,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        CancellationToken cancellationToken)
    {
        try
        {
            var found = await resolve(host, cancellationToken).ConfigureAwait(false);
            return found.Length > 0
                ? found[0]
                : throw new FormatException($"the border router '{host}' has no IP address");
        }
        catch (SocketException e)
        {
            throw new FormatException($"the host name of the border router '{host}' is not known: {e.Message}", e);
        }
    }

    private static Dictionary<ushort, T> Of<T>(Dictionary<ushort, EndPoint> routers)
        where T : EndPoint =>
        routers.Where(each => each.Value is T).ToDictionary(each => each.Key, each => (T)each.Value);

    private static Dictionary<ushort, EndPoint> ReadRouters(JsonPlace? routers)
    {
        var owners = new Dictionary<ushort, EndPoint>();
        foreach (var (_, router) in routers?.Members(MaxRouters) ?? [])
        {
            var address = router["internal_addr"].HostEndPoint();
            foreach (var (name, value) in router.Find("interfaces")?.Members(MaxInterfaces) ?? [])
            {
                if (!JsonPlace.TryReadId(name, out var id))
                {
                    throw value.Fault("to be named by an interface number from 1 to 65535");
                }
                if (!owners.TryAdd(id, address))
                {
                    throw value.Fault($"one border router for interface {id}, not two");
                }
            }
        }
        return owners;
    }

    /// <summary>A host, given as name or address, with a port.</summary>
    private static Uri ReadService(JsonPlace place) =>
        Uri.TryCreate($"http://{place.Text()}/", UriKind.Absolute, out var url)
        && place.Text().EndsWith($":{url.Port}", StringComparison.Ordinal)
        && url is { Port: > 0, UserInfo: "", AbsolutePath: "/", Query: "", Fragment: "" }
            ? url
            : throw place.Fault("a host with a port");
}
