using System.Net;
using System.Net.Sockets;
using MqttScion.Scion;
using MqttScion.Udp;

namespace MqttScion.Testnet.Tests;

/// <summary>What a running network offers to hosts beside its routers.</summary>
public sealed class NetworkServicesTests
{
    private static readonly IsdAs Client = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Proxy = IsdAs.Parse("2-ff00:0:211");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Sources_of_all_kinds_find_the_same_paths_ports_and_routers()
    {
        var ports = new PortRange(31_000, 31_099);
        var options = new EmulatedNetworkOptions
        {
            Topology = Delayed(Topology.Default),
            DispatchedPortsByAs = new Dictionary<IsdAs, PortRange> { [Client] = ports },
        };
        await using var network = await EmulatedNetwork.StartAsync(options);
        using var api = new EndhostApiPathSource(new() { Url = network.EndhostApiUrl(Client) });
        using var daemon = new DaemonPathSource(new() { Url = network.DaemonUrl(Client) });
        using var standalone = new StandalonePathSource(new() { BootstrapServer = network.BootstrapUrl(Client) });

        var expected = await api.GetPathsAsync(Proxy);
        expected.Should().NotBeEmpty();
        foreach (var path in expected)
        {
            var crossed = options.Topology.Links.Where(link => path.Interfaces.Contains(link.A));
            var total = crossed.Aggregate(TimeSpan.Zero, (sum, link) => sum + link.Delay!.Value);
            path.Metadata.TotalLatency.Should().Be(total);
        }
        foreach (var source in new IPathSource[] { daemon, standalone })
        {
            var found = await source.GetPathsAsync(Proxy);
            found.Should().Equal(expected, source.GetType().Name);
            found.Select(path => (path.NextHop, path.Metadata.TotalLatency))
                .Should().Equal(expected.Select(path => (path.NextHop, path.Metadata.TotalLatency)));
            var local = (await source.GetLocalAsync()).Should().ContainSingle().Subject;
            (local.IsdAs, local.DispatchedPorts).Should().Be((Client, ports));
            local.Routers.Should().BeEquivalentTo((await api.GetLocalAsync())[0].Routers);
        }
    }

    [Fact]
    public async Task Packet_to_the_control_service_is_delivered_to_its_address()
    {
        if (!OperatingSystem.IsLinux())
            return; // Elsewhere 127.0.0.1 may be the only loopback address.
        await using var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Topology = Topology.Tiny,
            SeparatesAddresses = true,
        });
        var server = IsdAs.Parse("1-ff00:0:112");
        network.ControlServiceOf(server).Address.Should().Be(network.HostAddressOf(server));
        using var backend = new BatchedUdpSocket(network.ControlServiceOf(server)); // gRPC is on the TCP port.
        using var client = network.HostIn(Client);
        var path = (await network.PathsAsync(Client, server))[0];
        client.Send(path, new ScionEndPoint(server, ScionHost.FromService(ServiceAddress.Control), 0), 7);

        var packet = new byte[2000];
        backend.Wait(Patience).Should().BeTrue();
        backend.TryReceive(packet, out _, out var length, out _).Should().BeTrue();
        packet[..length].Should().EndWith([7]);
    }

    [Fact]
    public async Task Services_are_listed_with_their_addresses_and_those_left_out_are_not()
    {
        await using var all = await EmulatedNetwork.StartAsync(new() { Topology = Topology.Tiny });
        all.Services.Should().HaveCount(4 * Topology.Tiny.Ases.Count).And.OnlyContain(each => each.Fault == null);
        all.Services.Select(each => each.Address).Should().OnlyHaveUniqueItems();
        var listed = all.Services.ToDictionary(each => (each.Kind, each.IsdAs), each => each.Url);
        listed[(NetworkServiceKinds.EndhostApi, Client)].Should().Be(all.EndhostApiUrl(Client));
        listed[(NetworkServiceKinds.Daemon, Client)].Should().Be(all.DaemonUrl(Client));
        listed[(NetworkServiceKinds.BootstrapServer, Client)].Should().Be(all.BootstrapUrl(Client));
        listed[(NetworkServiceKinds.ControlService, Client)].Should().Be(
            new Uri($"http://{all.ControlServiceOf(Client)}"));

        await using var none = await EmulatedNetwork.StartAsync(
            new() { Topology = Topology.Tiny, Services = NetworkServiceKinds.None });
        none.Services.Should().BeEmpty();
        var daemon = () => none.DaemonUrl(Client);
        daemon.Should().Throw<KeyNotFoundException>().WithMessage($"*Daemon*{Client}*");
    }

    [Fact]
    public async Task Service_address_in_the_options_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var options = new EmulatedNetworkOptions
        {
            Topology = Topology.Tiny,
            ServiceAddresses = new Dictionary<(NetworkServiceKinds, IsdAs), IPEndPoint>
            {
                [(NetworkServiceKinds.Daemon, Client)] = (IPEndPoint)taken.LocalEndpoint,
            },
        };
        var start = () => EmulatedNetwork.StartAsync(options);
        await start.Should().ThrowAsync<IOException>().WithMessage($"*{taken.LocalEndpoint}*");

        options.ServiceAddresses = new Dictionary<(NetworkServiceKinds, IsdAs), IPEndPoint>
        {
            [(NetworkServiceKinds.EchoResponder, Client)] = new(IPAddress.Loopback, 0),
        };
        await start.Should().ThrowAsync<ArgumentException>().WithMessage("ServiceAddresses*got EchoResponder*");
    }

    [Fact]
    public async Task Echo_responder_answers_pings_from_other_ASes()
    {
        await using var network = await StartWithResponderAsync();
        var server = IsdAs.Parse("1-ff00:0:112");
        var socket = new ScionSocket(Client, new UdpUnderlay(new IPEndPoint(network.HostAddressOf(Client), 0)));
        await using var pinger = new ScionPinger(socket);
        var path = (await network.PathsAsync(Client, server))[0];
        var host = ScionHost.FromIPAddress(network.HostAddressOf(server));
        (await pinger.PingAsync(path, host, 56, Patience)).Outcome.Should().BeOfType<ProbeOutcome.Replied>();
    }

    [Fact]
    public async Task Echo_responder_whose_port_is_taken_is_reported_and_the_network_runs()
    {
        using var taken = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        await using var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
        {
            Topology = Topology.Tiny,
            EndhostPort = (ushort)taken.LocalEndPoint.Port,
            Services = NetworkServiceKinds.EchoResponder | NetworkServiceKinds.EndhostApi,
        });
        network.Services.Where(each => each.Kind == NetworkServiceKinds.EchoResponder)
            .Should().HaveCount(Topology.Tiny.Ases.Count)
            .And.OnlyContain(each => each.Fault!.Contains($"{taken.LocalEndPoint}"));
        (await network.PathsAsync(Client, IsdAs.Parse("1-ff00:0:112"))).Should().NotBeEmpty();
    }

    /// <summary>Linux lets a user have 128 watchers, fewer than a large network has servers.</summary>
    [Fact]
    public async Task Services_watch_no_files()
    {
        if (!OperatingSystem.IsLinux())
            return; // What is counted is in /proc.
        await using var network = await EmulatedNetwork.StartAsync();
        Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Select(each => new FileInfo(each).LinkTarget)
            .Should().NotContain("anon_inode:inotify");
    }

    private static Topology Delayed(Topology topology) => new(
        topology.Ases,
        topology.Links.Select((link, i) => link with { Delay = TimeSpan.FromMicroseconds(1 << i) }));

    /// <summary>A port that was free a moment ago may be taken by another test: then another one is tried.</summary>
    private static async Task<EmulatedNetwork> StartWithResponderAsync()
    {
        for (var i = 0; i < 10; i++)
        {
            ushort port;
            using (var free = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0)))
                port = (ushort)free.LocalEndPoint.Port;
            var network = await EmulatedNetwork.StartAsync(new EmulatedNetworkOptions
            {
                Topology = Topology.Tiny,
                EndhostPort = port,
                Services = NetworkServiceKinds.EchoResponder | NetworkServiceKinds.EndhostApi,
            });
            var responders = network.Services.Where(each => each.Kind == NetworkServiceKinds.EchoResponder).ToList();
            responders.Should().HaveCount(Topology.Tiny.Ases.Count).And.OnlyContain(
                each => each.Address.Port == port && each.Url == null);
            if (responders.TrueForAll(each => each.Fault is null))
                return network;
            await network.DisposeAsync();
        }
        throw new InvalidOperationException("None of ten free ports could be bound a moment later.");
    }
}
