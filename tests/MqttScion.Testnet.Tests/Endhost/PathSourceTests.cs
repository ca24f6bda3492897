using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>Each path source against its server, over real sockets.</summary>
public sealed class PathSourceTests : IAsyncLifetime
{
    private static readonly IsdAs Client = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Proxy = IsdAs.Parse("2-ff00:0:211");

    private readonly Topology _topology = Topology.Default;
    private readonly TestClock _time = new();
    private readonly List<EndhostServers> _servers = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var servers in _servers)
        {
            await servers.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("1-ff00:0:110")] // core
    [InlineData("2-ff00:0:220")]
    [InlineData("1-ff00:0:111")] // below two cores
    [InlineData("1-ff00:0:112")] // peers
    public async Task Sources_of_all_kinds_give_the_same_paths_to_every_AS(string from)
    {
        var servers = await StartAsync(IsdAs.Parse(from));
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllBytesAsync(file, servers.TopologyJson);
            using var api = new EndhostApiPathSource(new() { Url = servers.Api.Url }, _time);
            using var daemon = new DaemonPathSource(new() { Url = servers.Daemon.Url }, _time);
            using var bootstrapped = new StandalonePathSource(new() { BootstrapServer = servers.Bootstrap.Url }, _time);
            using var standalone = new StandalonePathSource(new() { TopologyFile = file }, _time);
            foreach (var destination in _topology.Ases.Select(each => each.IsdAs))
            {
                var expected = await DescribeAsync(api, destination);
                expected.Should().NotBeEmpty();
                foreach (var source in new IPathSource[] { daemon, bootstrapped, standalone })
                {
                    (await DescribeAsync(source, destination)).Should().Equal(expected, source.GetType().Name);
                }
            }
            (api.RejectedSegments + standalone.RejectedSegments + daemon.RejectedPaths).Should().Be(0);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Sources_of_all_kinds_know_the_border_routers_of_the_local_AS()
    {
        var servers = await StartAsync(Client);
        using var api = new EndhostApiPathSource(new() { Url = servers.Api.Url });
        using var daemon = new DaemonPathSource(new() { Url = servers.Daemon.Url });
        using var standalone = new StandalonePathSource(new() { BootstrapServer = servers.Bootstrap.Url });
        foreach (var source in new IPathSource[] { api, daemon, standalone })
        {
            var local = (await source.GetLocalAsync()).Should().ContainSingle().Subject;
            local.IsdAs.Should().Be(Client);
            local.Routers.Should().HaveCount(3).And.Contain(new KeyValuePair<ushort, IPEndPoint>(
                2, new IPEndPoint(IPAddress.Loopback, 30002)));
        }
        foreach (var source in new IPathSource[] { daemon, standalone })
        {
            var local = (await source.GetLocalAsync())[0];
            (local.Mtu, local.IsCore, local.DispatchedPorts).Should().Be((1472, false, PortRange.Customary));
        }
    }

    [Fact]
    public async Task Daemon_leaves_out_an_interface_reported_as_down_for_ten_seconds()
    {
        var servers = await StartAsync(Client);
        using var source = new DaemonPathSource(new() { Url = servers.Daemon.Url }, _time);
        var before = await source.GetPathsAsync(Proxy);
        var down = before[0].Interfaces[3];

        await source.ReportDownAsync(down);
        _time.Advance(TimeSpan.FromSeconds(9));
        var meanwhile = await source.GetPathsAsync(Proxy);
        _time.Advance(TimeSpan.FromSeconds(1));

        meanwhile.Should().Equal(before.Where(path => !path.Interfaces.Contains(down))).And.NotBeEmpty();
        (await source.GetPathsAsync(Proxy)).Should().Equal(before);
    }

    [Fact]
    public async Task Daemon_to_an_unknown_AS_knows_no_paths()
    {
        var servers = await StartAsync(Client);
        using var source = new DaemonPathSource(new() { Url = servers.Daemon.Url }, _time);
        (await source.GetPathsAsync(IsdAs.Parse("7-7"))).Should().BeEmpty();
    }

    [Fact]
    public async Task Standalone_to_an_unknown_AS_knows_no_paths()
    {
        var servers = await StartAsync(Client);
        using var source = new StandalonePathSource(new() { BootstrapServer = servers.Bootstrap.Url }, _time);
        (await source.GetPathsAsync(IsdAs.Parse("1-7"))).Should().BeEmpty();
    }

    [Theory]
    [InlineData("1-ff00:0:111", "2-ff00:0:211")] // neither end is a core AS
    [InlineData("0-0", "1-ff00:0:110")]
    [InlineData("1-ff00:0:112", "1-0")] // up, but not from here
    [InlineData("2-0", "1-0")] // core, but not from this ISD
    [InlineData("1-0", "1-ff00:0:111")] // towards this AS
    public async Task Control_service_refuses_what_no_host_would_ask(string from, string to)
    {
        var servers = await StartAsync(Client);
        using var client = new GrpcClient(
            "The control service", TimeSpan.FromSeconds(5), 1 << 20, TimeProvider.System, null);
        var call = () => client.CallAsync(
            new Uri($"http://{servers.ControlService.EndPoint}"),
            "proto.control_plane.v1.SegmentLookupService/Segments",
            new Scion.Protobuf.SegmentsRequest
            {
                SrcIsdAs = IsdAs.Parse(from).Value,
                DstIsdAs = IsdAs.Parse(to).Value,
            },
            Scion.Protobuf.SegmentsResponse.Parser,
            default);
        (await call.Should().ThrowAsync<PathLookupException>()).Which.Code.Should().Be("invalid_argument");
    }

    [Fact]
    public async Task Standalone_topology_that_changes_is_taken_after_its_lifetime()
    {
        var json = "{}"u8.ToArray();
        await using var bootstrap = await BootstrapServer.StartAsync(() => json);
        using var source = new StandalonePathSource(new() { BootstrapServer = bootstrap.Url }, _time);
        json = Testnet.TopologyJson.Write(_topology, Client, [], PortRange.Customary, []);
        (await source.GetLocalAsync())[0].IsdAs.Should().Be(Client);

        json = Testnet.TopologyJson.Write(_topology, Proxy, [], PortRange.Customary, []);
        (await source.GetLocalAsync())[0].IsdAs.Should().Be(Client);
        _time.Advance(TimeSpan.FromSeconds(600));
        (await source.GetLocalAsync())[0].IsdAs.Should().Be(Proxy);
    }

    [Fact]
    public async Task Bootstrap_server_has_no_TRCs()
    {
        await using var bootstrap = await BootstrapServer.StartAsync(() => []);
        using var http = new HttpClient();
        (await http.GetStringAsync(new Uri(bootstrap.Url, "trcs"))).Should().Be("[]");
    }

    [Fact]
    public async Task Fixed_source_replays_what_another_source_gave()
    {
        var servers = await StartAsync(Client);
        using var daemon = new DaemonPathSource(new() { Url = servers.Daemon.Url }, _time);
        var paths = await daemon.GetPathsAsync(Proxy);
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await FixedPathSource.SaveAsync(file, await daemon.GetLocalAsync(), paths);
            var replayed = await FixedPathSource.LoadAsync(file, _time);
            (await replayed.GetPathsAsync(Proxy))
                .Should().BeEquivalentTo(paths, options => options.WithStrictOrdering());
            (await replayed.GetLocalAsync()).Should().BeEquivalentTo(await daemon.GetLocalAsync());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Daemon_path_with_metadata_is_decoded_as_it_was_encoded()
    {
        var segments = new SegmentFactory(_topology, new ForwardingKeys("seed"u8), time: _time);
        var path = segments.Paths(Client, Proxy)[0]
            .WithNextHop(new IPEndPoint(IPAddress.IPv6Loopback, 30001))
            .WithMetadata(new PathMetadata
            {
                Latencies = [TimeSpan.FromMilliseconds(1.5), null, TimeSpan.Zero, null, TimeSpan.FromSeconds(2)],
                BandwidthsKbps = [1, 0, 3, ulong.MaxValue, 5],
                Locations = [null, new(47.5f, -8.5f, "Zürich"), null, null, null, null],
                LinkTypes = [PathLinkType.Direct, PathLinkType.OpenNet, PathLinkType.Unspecified],
                InternalHops = [3, 0],
                Notes = ["from", "", "via", "to"],
            });
        path.Interfaces.Should().HaveCount(6);

        DaemonPathDecoder.TryDecode(DaemonPathEncoder.Encode(path), Client, Proxy, out var decoded, out var error)
            .Should().BeTrue(error);

        decoded.Should().BeEquivalentTo(path);
    }

    private static async Task<IEnumerable<string>> DescribeAsync(IPathSource source, IsdAs destination) =>
        (await source.GetPathsAsync(destination)).Select(path => $"{path} mtu {path.Mtu} by {path.NextHop}");

    private async Task<EndhostServers> StartAsync(IsdAs isdAs)
    {
        var segments = new SegmentFactory(_topology, new ForwardingKeys("seed"u8), time: _time);
        var servers = await EndhostServers.StartAsync(_topology, isdAs, segments, _time);
        _servers.Add(servers);
        return servers;
    }
}
