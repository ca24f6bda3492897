using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>The published topologies of scionproto, running: IPv4 and IPv6, several border routers per AS.</summary>
public sealed class TopoNetworkTests(TopoNetworkTests.Fixture fixture) : IClassFixture<TopoNetworkTests.Fixture>
{
    [VectorTheory]
    [InlineData("default-no-peers.topo", "1-ff00:0:132", "2-ff00:0:222")]
    [InlineData("tiny.topo", "1-ff00:0:111", "1-ff00:0:112")]
    [InlineData("tiny4.topo", "1-ff00:0:111", "1-ff00:0:112")]
    [InlineData("wide.topo", "3-ff00:0:313", "5-ff00:0:531")]
    public async Task Published_topology_starts_and_carries_datagrams(string file, string from, string to)
    {
        var options = EmulatedNetworkOptions.Load(VectorFile.PathOf($"topologies/{file}"));
        await using var network = await EmulatedNetwork.StartAsync(options);
        await ExpectBothWaysAsync(network, IsdAs.Parse(from), IsdAs.Parse(to), maxPaths: 4);
    }

    [VectorTheory]
    [InlineData("1-ff00:0:132", "2-ff00:0:222")] // three segments
    [InlineData("2-ff00:0:212", "2-ff00:0:222")] // shortcuts at 2-ff00:0:211
    [InlineData("1-ff00:0:112", "2-ff00:0:212")] // peering 1-ff00:0:111 with 2-ff00:0:211, two links
    [InlineData("1-ff00:0:122", "1-ff00:0:133")] // peering at the very ends
    [InlineData("1-ff00:0:131", "1-ff00:0:121")] // peering, and over the core
    [InlineData("1-ff00:0:120", "2-ff00:0:220")] // parallel core links
    [InlineData("1-ff00:0:110", "1-ff00:0:112")] // down
    public async Task Datagrams_go_both_ways_on_every_path_of_default_topo(string from, string to) =>
        await ExpectBothWaysAsync(fixture.Network!, IsdAs.Parse(from), IsdAs.Parse(to), maxPaths: 40);

    [VectorTheory]
    [InlineData("1-ff00:0:132", "2-ff00:0:222")]
    [InlineData("2-ff00:0:212", "2-ff00:0:222")]
    [InlineData("1-ff00:0:112", "2-ff00:0:212")]
    [InlineData("1-ff00:0:122", "1-ff00:0:133")]
    public async Task Traceroute_is_answered_by_the_owner_of_each_interface_in_turn(string from, string to)
    {
        var network = fixture.Network!;
        using var client = network.HostIn(IsdAs.Parse(from));
        var destination = ScionHost.FromIPAddress(network.HostAddressOf(IsdAs.Parse(to)));
        ushort sequence = 0;
        foreach (var path in (await network.PathsAsync(IsdAs.Parse(from), IsdAs.Parse(to))).Take(8))
        {
            foreach (var (id, alerted) in path.WithAlerts())
            {
                sequence++;
                var request = new ScmpMessage(ScmpType.TracerouteRequest, 0) { Sequence = sequence };
                client.SendScmp(path, alerted, destination, request);

                var answer = client.Receive();
                answer.Should().NotBeNull($"{id} of {path} answers");
                answer!.Scmp.Should().Be(new ScmpMessage(ScmpType.TracerouteReply, 0)
                {
                    Identifier = client.EndPoint.Port,
                    Sequence = sequence,
                    IsdAs = id.IsdAs,
                    Interface = id.Id,
                });
                answer.Source.IsdAs.Should().Be(id.IsdAs);
                answer.Source.Host.ToString().Should()
                    .Be(network.RouterOf(id).InternalEndPoint.Address.ToString());
            }
        }
    }

    [VectorFact]
    public async Task Link_that_is_down_anywhere_on_a_path_is_reported_to_the_sender()
    {
        var network = fixture.Network!;
        var (from, to) = (IsdAs.Parse("1-ff00:0:132"), IsdAs.Parse("2-ff00:0:222"));
        using var client = network.HostIn(from);
        var server = new ScionEndPoint(to, ScionHost.FromIPAddress(network.HostAddressOf(to)), 40_000);
        var path = (await network.PathsAsync(from, to))[0];
        foreach (var egress in path.Interfaces.Where((_, i) => i % 2 == 0))
        {
            network.SetLink(egress, LinkState.Down);
            client.Send(path, server, 1);
            var scmp = client.Receive()?.Scmp;
            network.SetLink(egress, LinkState.Up);

            var expected = new ScmpMessage(ScmpType.ExternalInterfaceDown, 0)
            {
                IsdAs = egress.IsdAs,
                Interface = egress.Id,
            };
            scmp.Should().Be(expected, $"{egress} of {path} is down");
        }
    }

    private static async Task ExpectBothWaysAsync(EmulatedNetwork network, IsdAs from, IsdAs to, int maxPaths)
    {
        using var client = network.HostIn(from);
        using var server = network.HostIn(to);
        var paths = await network.PathsAsync(from, to);
        paths.Should().NotBeEmpty();
        foreach (var (i, path) in paths.Take(maxPaths).Index())
        {
            client.Send(path, server.EndPoint, (byte)i, 1);
            var question = server.Receive(TimeSpan.FromSeconds(4));
            question.Should().NotBeNull($"{path} leads there");
            question!.Payload.Should().Equal((byte)i, 1);
            server.Answer(question, (byte)i, 2);
            var answer = client.Receive(TimeSpan.FromSeconds(4));
            answer.Should().NotBeNull($"{path} leads back");
            answer!.Payload.Should().Equal((byte)i, 2);
        }
    }

    public sealed class Fixture : IAsyncLifetime
    {
        public EmulatedNetwork? Network { get; private set; }

        public async Task InitializeAsync()
        {
            if (VectorFile.IsPresent)
            {
                var options = EmulatedNetworkOptions.Load(VectorFile.PathOf("topologies/default.topo"));
                Network = await EmulatedNetwork.StartAsync(options);
            }
        }

        public async Task DisposeAsync()
        {
            if (Network is not null)
                await Network.DisposeAsync();
        }
    }
}
