using System.Net;

namespace MqttScion.Scion;

/// <summary>What an end host needs of the <c>topology.json</c> of its AS. Immutable.</summary>
/// <param name="IsdAs">The AS.</param>
/// <param name="Mtu">Bytes of the largest SCION packet inside it.</param>
/// <param name="IsCore">True for a core AS.</param>
/// <param name="DispatchedPorts">The ports to which border routers deliver; empty for none.</param>
/// <param name="Routers">For each interface, the internal address of its border router.</param>
/// <param name="ControlServices">The control services, as addresses for HTTP, in the order of the file.</param>
internal sealed record ScionTopology(
    IsdAs IsdAs,
    int Mtu,
    bool IsCore,
    PortRange DispatchedPorts,
    IReadOnlyDictionary<ushort, IPEndPoint> Routers,
    IReadOnlyList<Uri> ControlServices)
{
    private const int MaxRouters = 1024;
    private const int MaxInterfaces = 4096;
    private const int MaxControlServices = 64;
    private const int MaxAttributes = 16;

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
    public static ScionTopology Parse(ReadOnlyMemory<byte> json) => JsonPlace.Read(json, root => new ScionTopology(
        root["isd_as"].IsdAs(),
        (int)root["mtu"].Number(1, ushort.MaxValue),
        root.Find("attributes")?.Items(MaxAttributes).Any(each => each.Text() == "core") ?? false,
        root.Find("dispatched_ports")?.Ports() ?? default,
        ReadRouters(root.Find("border_routers")),
        [
            .. root.Find("control_service")?.Members(MaxControlServices).Select(each => ReadService(each.Value["addr"]))
                ?? [],
        ]));

    private static Dictionary<ushort, IPEndPoint> ReadRouters(JsonPlace? routers)
    {
        var owners = new Dictionary<ushort, IPEndPoint>();
        foreach (var (_, router) in routers?.Members(MaxRouters) ?? [])
        {
            var address = router["internal_addr"].EndPoint();
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
