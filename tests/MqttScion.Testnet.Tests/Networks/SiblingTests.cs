using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

/// <summary>Core ASes with two border routers each, between which every packet crosses.</summary>
public sealed class SiblingTests
{
    private static readonly IsdAs Client = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Core = IsdAs.Parse("1-ff00:0:110");
    private static readonly IsdAs FarCore = IsdAs.Parse("2-ff00:0:210");
    private static readonly IsdAs Server = IsdAs.Parse("2-ff00:0:211");

    [Fact]
    public async Task Routers_and_internal_links_follow_the_topology()
    {
        await using var network = await StartAsync();
        network.RoutersOf(Core).Select(router => router.Name).Should().Equal("A", "B");
        network.RouterOf(new PathInterface(Core, 2)).Name.Should().Be("B");
        network.Links.Select(link => link.A).Should().Equal(
            "1-ff00:0:110#1", "1-ff00:0:110#2", "2-ff00:0:210#1", "1-ff00:0:110#A~B", "2-ff00:0:210#A~B");
        network.LinkAt("1-ff00:0:110#B~A").Type.Should().BeNull();
        var none = () => network.LinkAt("1-ff00:0:110#A~C");
        none.Should().Throw<KeyNotFoundException>().WithMessage("*1-ff00:0:110#A~C*");
        var noInterface = () => network.RouterOf(new PathInterface(Core, 9));
        noInterface.Should().Throw<KeyNotFoundException>().WithMessage("*1-ff00:0:110#9*");
    }

    [Fact]
    public async Task Down_internal_link_is_answered_with_the_interfaces_at_both_sides()
    {
        await using var network = await StartAsync();
        var (scmp, source) = await ScmpAsync(network, () => Down(network, $"{Core}#A~B"));
        scmp.Should().Be(new ScmpMessage(ScmpType.InternalConnectivityDown, 0)
        {
            IsdAs = Core,
            Interface = 1,
            Egress = 2,
        });
        source.IsdAs.Should().Be(Core);
    }

    [Fact]
    public async Task Down_internal_link_of_a_far_AS_is_reported_across_the_siblings_of_the_near_one()
    {
        await using var network = await StartAsync();
        var (scmp, _) = await ScmpAsync(network, () => Down(network, $"{FarCore}#A~B"));
        (scmp.Type, scmp.IsdAs, scmp.Interface, scmp.Egress)
            .Should().Be((ScmpType.InternalConnectivityDown, FarCore, 2UL, 1UL));
    }

    [Fact]
    public async Task Down_link_of_a_sibling_is_reported_by_the_sibling()
    {
        await using var network = await StartAsync();
        var (scmp, _) = await ScmpAsync(
            network, () => network.SetLink(new PathInterface(Core, 2), LinkState.Down));
        (scmp.Type, scmp.IsdAs, scmp.Interface).Should().Be((ScmpType.ExternalInterfaceDown, Core, 2UL));
    }

    [Fact]
    public async Task Small_mtu_behind_a_sibling_is_reported()
    {
        await using var network = await StartAsync();
        var (scmp, _) = await ScmpAsync(
            network,
            () => network.SetLink(new PathInterface(Core, 2), LinkConditions.Perfect with { Mtu = 120 }));
        (scmp.Type, scmp.Mtu).Should().Be((ScmpType.PacketTooBig, 120));
    }

    [Fact]
    public async Task Packet_handed_to_the_wrong_router_of_the_AS_is_refused()
    {
        await using var network = await StartAsync();
        using var client = network.HostIn(Core);
        var path = (await network.PathsAsync(Core, Server))[0];
        var wrong = path.WithNextHop(network.RoutersOf(Core)[0].InternalEndPoint);
        client.Send(wrong, EndPointIn(network, Server), 1);
        var scmp = client.Receive()!.Scmp!.Value;
        (scmp.Type, scmp.Code).Should().Be((ScmpType.ParameterProblem, ScmpCode.UnknownHopIngressInterface));
    }

    [Fact]
    public async Task Silent_internal_link_loses_packets()
    {
        await using var network = await StartAsync();
        network.LinkAt($"{Core}#A~B").Change(before => before with { State = LinkState.Silent });
        using var client = network.HostIn(Client);
        var path = (await network.PathsAsync(Client, Server))[0];
        client.Send(path, EndPointIn(network, Server), 1);
        var router = network.RoutersOf(Core)[0];
        SpinWait.SpinUntil(() => router.DropCount(RouterDropReason.LinkCut) == 1, TimeSpan.FromSeconds(5))
            .Should().BeTrue();
    }

    private static Task<EmulatedNetwork> StartAsync() =>
        EmulatedNetwork.StartAsync(new EmulatedNetworkOptions { Topology = Topology.Siblings });

    private static void Down(EmulatedNetwork network, string end) =>
        network.LinkAt(end).Change(before => before with { State = LinkState.Down });

    private static ScionEndPoint EndPointIn(EmulatedNetwork network, IsdAs isdAs) =>
        new(isdAs, ScionHost.FromIPAddress(network.HostAddressOf(isdAs)), 40_000);

    /// <summary>What comes back for a packet after a change, when before it one got through.</summary>
    private static async Task<(ScmpMessage Message, ScionEndPoint Source)> ScmpAsync(
        EmulatedNetwork network, Action change)
    {
        using var client = network.HostIn(Client);
        using var server = network.HostIn(Server);
        var path = (await network.PathsAsync(Client, Server))[0];
        client.Send(path, server.EndPoint, 1);
        server.Receive()!.Payload.Should().Equal(1);
        change();
        client.Send(path, server.EndPoint, 2);
        var answer = client.Receive();
        return (answer!.Scmp!.Value, answer.Source);
    }
}
