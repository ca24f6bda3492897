using System.Net;
using System.Net.Sockets;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>The servers of a network that hosts ask or ping.</summary>
internal sealed class NetworkServers(
    EmulatedNetwork network,
    EmulatedNetworkOptions options,
    SegmentFactory segments) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _servers = [];
    private readonly List<ScionEchoResponder> _responders = [];
    private readonly List<NetworkService> _services = [];

    /// <summary>What was started, by kind and AS.</summary>
    internal IReadOnlyList<NetworkService> Services => _services;

    /// <summary>Starts those that the options ask for; they answer when the task ends.</summary>
    /// <exception cref="IOException">An address is in use.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Services.HasFlag(NetworkServiceKinds.EndhostApi))
            await StartEndhostApisAsync(cancellationToken).ConfigureAwait(false);
        if (options.Services.HasFlag(NetworkServiceKinds.Daemon))
            await StartDaemonsAsync(cancellationToken).ConfigureAwait(false);
        if (options.Services.HasFlag(NetworkServiceKinds.ControlService))
            await StartControlServicesAsync(cancellationToken).ConfigureAwait(false);
        if (options.Services.HasFlag(NetworkServiceKinds.BootstrapServer))
            await StartBootstrapServersAsync(cancellationToken).ConfigureAwait(false);
        if (options.Services.HasFlag(NetworkServiceKinds.EchoResponder))
            StartEchoResponders();
    }

    /// <summary>The service of a kind for an AS.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    internal NetworkService Find(NetworkServiceKinds kind, IsdAs isdAs) =>
        _services.Find(each => each.Kind == kind && each.IsdAs == isdAs)
            ?? throw new KeyNotFoundException($"The network has no {kind} for {isdAs}.");

    /// <summary>Stops all.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var responder in _responders)
        {
            responder.Dispose();
        }
        foreach (var server in _servers)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task StartEndhostApisAsync(CancellationToken cancellationToken)
    {
        var placements = options.EndhostApis.Count > 0
            ? options.EndhostApis
            : network.Topology.Ases
                .Select(each => new PocketScionEndhostApi([each.IsdAs], new(IPAddress.Loopback, 0)));
        foreach (var placement in placements)
        {
            var server = await EndhostApiServer
                .StartAsync(
                    new EndhostApiServerOptions
                    {
                        Listen = placement.Listen,
                        Local = placement.Local,
                        Routers = [.. placement.Local.SelectMany(RoutersOf)],
                        Token = options.Token,
                    },
                    segments,
                    cancellationToken)
                .ConfigureAwait(false);
            _servers.Add(server);
            foreach (var isdAs in placement.Local)
            {
                Add(NetworkServiceKinds.EndhostApi, isdAs, KestrelHost.EndPointOf(server.Url));
            }
        }
    }

    private async Task StartDaemonsAsync(CancellationToken cancellationToken)
    {
        foreach (var local in network.Topology.Ases)
        {
            var server = await DaemonServer
                .StartAsync(
                    new DaemonServerOptions
                    {
                        Listen = ListenOf(NetworkServiceKinds.Daemon, local.IsdAs),
                        Local = local,
                        Routers = [.. RoutersOf(local.IsdAs)],
                        DispatchedPorts = network.DispatchedPortsOf(local.IsdAs),
                    },
                    segments,
                    options.TimeProvider,
                    cancellationToken)
                .ConfigureAwait(false);
            _servers.Add(server);
            Add(NetworkServiceKinds.Daemon, local.IsdAs, KestrelHost.EndPointOf(server.Url));
        }
    }

    private async Task StartControlServicesAsync(CancellationToken cancellationToken)
    {
        foreach (var isdAs in network.Topology.Ases.Select(each => each.IsdAs))
        {
            var server = await ControlServiceServer
                .StartAsync(
                    new ControlServiceServerOptions
                    {
                        IsdAs = isdAs,
                        Listen = ListenOf(NetworkServiceKinds.ControlService, isdAs),
                    },
                    segments,
                    cancellationToken)
                .ConfigureAwait(false);
            _servers.Add(server);
            network.AddService(isdAs, ServiceAddress.Control, server.EndPoint);
            Add(NetworkServiceKinds.ControlService, isdAs, server.EndPoint);
        }
    }

    private async Task StartBootstrapServersAsync(CancellationToken cancellationToken)
    {
        foreach (var isdAs in network.Topology.Ases.Select(each => each.IsdAs))
        {
            var server = await BootstrapServer
                .StartAsync(
                    () => TopologyJsonOf(isdAs),
                    ListenOf(NetworkServiceKinds.BootstrapServer, isdAs),
                    cancellationToken)
                .ConfigureAwait(false);
            _servers.Add(server);
            Add(NetworkServiceKinds.BootstrapServer, isdAs, KestrelHost.EndPointOf(server.Url));
        }
    }

    private byte[] TopologyJsonOf(IsdAs isdAs) => TopologyJson.Write(
        network.Topology,
        isdAs,
        RoutersOf(isdAs),
        network.DispatchedPortsOf(isdAs),
        _services
            .Where(each => each.Kind == NetworkServiceKinds.ControlService && each.IsdAs == isdAs)
            .Select(each => each.Address),
        end => network.RouterOf(end).EndPointOf(end.Id));

    private void StartEchoResponders()
    {
        var isdAses = network.Topology.Ases.Select(each => each.IsdAs).ToLookup(network.HostAddressOf);
        foreach (var share in isdAses)
        {
            var address = new IPEndPoint(share.Key, options.EndhostPort);
            string? fault = null;
            try
            {
                _responders.Add(new ScionEchoResponder(new UdpUnderlay(address), share));
            }
            catch (SocketException e)
            {
                // Another SCION host of this machine may answer there: that is no reason not to start.
                fault = $"{address} can't be bound: {e.Message}";
            }
            foreach (var isdAs in share)
            {
                _services.Add(new(NetworkServiceKinds.EchoResponder, isdAs, address) { Fault = fault });
            }
        }
    }

    private void Add(NetworkServiceKinds kind, IsdAs isdAs, IPEndPoint address) =>
        _services.Add(new NetworkService(kind, isdAs, address));

    private IPEndPoint ListenOf(NetworkServiceKinds kind, IsdAs isdAs) =>
        options.ServiceAddresses.TryGetValue((kind, isdAs), out var given)
            ? given
            : new IPEndPoint(network.HostAddressOf(isdAs), 0);

    private IEnumerable<EndhostApiRouter> RoutersOf(IsdAs isdAs) => network.RoutersOf(isdAs)
        .Select(router => new EndhostApiRouter(isdAs, router.InternalEndPoint, router.Interfaces));
}
