using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>All servers that hosts of one AS may ask, and the topology that names them.</summary>
internal sealed class EndhostServers : IAsyncDisposable
{
    private EndhostServers(IsdAs isdAs, IReadOnlyList<EndhostApiRouter> routers)
    {
        IsdAs = isdAs;
        Routers = routers;
    }

    public IsdAs IsdAs { get; }

    public IReadOnlyList<EndhostApiRouter> Routers { get; }

    public EndhostApiServer Api { get; private set; } = null!;

    public DaemonServer Daemon { get; private set; } = null!;

    public ControlServiceServer ControlService { get; private set; } = null!;

    public BootstrapServer Bootstrap { get; private set; } = null!;

    public byte[] TopologyJson { get; private set; } = [];

    /// <summary>Starts the servers; each interface of the AS has a border router of its own.</summary>
    public static async Task<EndhostServers> StartAsync(
        Topology topology, IsdAs isdAs, SegmentFactory segments, TimeProvider? time = null)
    {
        var routers = topology.LinksOf(isdAs)
            .Select(link => new EndhostApiRouter(
                isdAs, new IPEndPoint(IPAddress.Loopback, 30000 + link.Local.Id), [link.Local.Id]))
            .ToList();
        var servers = new EndhostServers(isdAs, routers);
        servers.Api = await EndhostApiServer.StartAsync(new() { Local = [isdAs], Routers = routers }, segments);
        servers.Daemon = await DaemonServer.StartAsync(
            new() { Local = topology.As(isdAs), Routers = routers }, segments, time);
        servers.ControlService = await ControlServiceServer.StartAsync(new() { IsdAs = isdAs }, segments);
        servers.TopologyJson = Testnet.TopologyJson.Write(
            topology, isdAs, routers, PortRange.Customary, [servers.ControlService.EndPoint]);
        servers.Bootstrap = await BootstrapServer.StartAsync(() => servers.TopologyJson);
        return servers;
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Daemon.DisposeAsync();
        await ControlService.DisposeAsync();
        await Bootstrap.DisposeAsync();
    }
}
