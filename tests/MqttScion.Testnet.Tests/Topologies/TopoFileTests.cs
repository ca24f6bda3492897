using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public sealed class TopoFileTests
{
    private const string OneAs = "ASes:\n  \"1-ff00:0:110\": {core: true}\nlinks:\n";

    [VectorTheory]
    [InlineData("default.topo", 16, 29)]
    [InlineData("default-no-peers.topo", 16, 27)]
    [InlineData("tiny.topo", 3, 2)]
    [InlineData("tiny4.topo", 3, 2)]
    [InlineData("wide.topo", 18, 25)]
    public void Published_topology_has_its_ASes_and_links(string file, int ases, int links)
    {
        var topology = Topology.Load(VectorFile.PathOf($"topologies/{file}"));
        (topology.Ases.Count, topology.Links.Count).Should().Be((ases, links));
    }

    [VectorFact]
    public void Default_topo_gives_attributes_and_border_routers()
    {
        var topology = Topology.Load(VectorFile.PathOf("topologies/default.topo"));

        topology.As(IsdAs.Parse("1-ff00:0:110")).Should().Be(
            new TopologyAs(IsdAs.Parse("1-ff00:0:110"), IsCore: true) { IsIPv6 = true });
        topology.As(IsdAs.Parse("2-ff00:0:210")).Mtu.Should().Be(1280);
        var routers = topology.LinksOf(IsdAs.Parse("1-ff00:0:120"))
            .ToLookup(link => link.Router, link => link.Local.Id);
        routers["A"].Should().Equal(1, 6);
        routers["B"].Should().Equal(2, 3, 4);
        routers["if5"].Should().Equal([5], "an end without a letter has a router of its own");
        topology.Links[4].Should().Be(TopologyLink.Parse("1-ff00:0:120#2 core 2-ff00:0:220#501") with
        {
            RouterA = "B",
            RouterB = "if501",
            Mtu = 1350,
        });
        topology.Links[22].IsIPv6.Should().BeFalse();
        topology.Links[24].Should().Match<TopologyLink>(link => link.IsIPv6 && link.Type == TopologyLinkType.Peer);
    }

    [Fact]
    public void Ends_without_an_interface_take_the_lowest_free_numbers()
    {
        var topology = TopoFile.Parse(
            """
            ASes:
              "1-1": {core: true}
              "1-2":
              "1-3": {mtu: 1400}
            links:
              - {a: "1-1", b: "1-2#1", linkAtoB: CHILD}
              - {a: "1-1#1", b: "1-2-X", linkAtoB: child, bw: 500, latency: 20, drop: 0.25, mtu: 1300}
              - {a: "1-3", b: "1-1-Y", linkAtoB: PARENT}
            """,
            "x.topo");

        topology.Links.Select(link => link.ToString()).Should().Equal(
            "1-1#2 down_to 1-2#1", "1-1#1 down_to 1-2#2", "1-1#3 down_to 1-3#1");
        topology.Links[1].Should().Be(new TopologyLink(
            new(new(1, 1), 1), new(new(1, 2), 2), TopologyLinkType.Child, Mtu: 1300)
        {
            RouterA = "if1",
            RouterB = "X",
            BandwidthKbps = 500,
            Delay = TimeSpan.FromMilliseconds(20),
            LossRate = 0.25,
        });
        topology.Links[2].RouterA.Should().Be("Y");
    }

    [Theory]
    [InlineData("", "x.topo: expected a mapping with ASes and links*")]
    [InlineData("- a", "x.topo: expected a mapping with ASes and links*")]
    [InlineData("ASes: {", "x.topo:*: not YAML: *")]
    [InlineData("links: []", "x.topo:1: ASes: expected a value, got 'none'.")]
    [InlineData("ASes: 7\nlinks: []", "x.topo:1: ASes: expected a mapping, got '7'.")]
    [InlineData("ASes:\n  one: {}\nlinks: []", "x.topo:2: ASes: expected an ISD-AS such as 1-ff00:0:110, got 'one'.")]
    [InlineData("ASes:\n  1-1: {core: maybe}\nlinks: []", "x.topo:2: ASes.1-1.core: *true or false, got 'maybe'.")]
    [InlineData("ASes:\n  1-1: {mtu: 0}\nlinks: []", "x.topo:2: ASes.1-1.mtu: expected a number 1 to 65535, got '0'.")]
    [InlineData("ASes:\n  1-1: {underlay: IP}\nlinks: []", "x.topo:2: ASes.1-1.underlay: *UDP/IPv6, got 'IP'.")]
    [InlineData("ASes:\n  1-1: [a]\nlinks: []", "x.topo:2: ASes.1-1: expected a mapping, got 'a list'.")]
    [InlineData(OneAs + "  one", "x.topo:4: links: expected a list, got 'one'.")]
    [InlineData(OneAs + "  - one", "x.topo:4: links[0]: expected a mapping, got 'one'.")]
    [InlineData(OneAs + "  - {b: 1-1}", "x.topo:4: links[0].a: expected a value, got 'none'.")]
    [InlineData(OneAs + "  - {a: 1-ff00:0:110-#1}", "x.topo:4: links[0].a: *such as 1-ff00:0:110-A#1*")]
    [InlineData(OneAs + "  - {a: 1-ff00:0:110#0}", "x.topo:4: links[0].a: *such as 1-ff00:0:110-A#1*")]
    [InlineData(OneAs + "  - {a: 1-ff00:0:110#1, b: 1-2}", "x.topo:4: links[0].b: *an AS from ASes, got '1-2'.")]
    public void Text_of_another_form_is_refused_with_the_place(string text, string message)
    {
        var parse = () => TopoFile.Parse(text, "x.topo");
        parse.Should().Throw<FormatException>().WithMessage(message);
    }

    [Theory]
    [InlineData("{a: 1-1#1, b: 1-2#1, linkAtoB: BESIDE}", "*links[0].linkAtoB: *PARENT or PEER, got 'BESIDE'.")]
    [InlineData("{a: 1-1#1, b: 1-1#1, linkAtoB: CORE}", "*links[0].b: expected each interface once*1-1#1 twice*")]
    [InlineData("{a: 1-1#1, b: 1-1#2, linkAtoB: CORE}", "x.topo: *joins an AS to itself*")]
    [InlineData("{a: 1-1#1, b: 1-2#1, linkAtoB: CORE}", "x.topo: *is a core link, but 1-2 is no core AS*")]
    [InlineData("{a: 1-1#1, b: 1-2#1, linkAtoB: PEER, mtu: x}", "*[0].mtu: expected a number 1 to 65535, got 'x'.")]
    [InlineData("{a: 1-1#1, b: 1-2#1, linkAtoB: PEER, drop: 2}", "*[0].drop: expected a number 0.0 to 1.0, got '2'.")]
    public void Link_that_does_not_fit_is_refused_with_the_place(string link, string message)
    {
        var text = "ASes:\n  1-1: {core: true}\n  1-2: {}\nlinks:\n  - " + link;
        var parse = () => TopoFile.Parse(text, "x.topo");
        parse.Should().Throw<FormatException>().WithMessage(message);
    }

    [Theory]
    [InlineData("default", 8)]
    [InlineData("tiny", 3)]
    [InlineData("siblings", 4)]
    public void Load_knows_topologies_by_name(string name, int ases)
    {
        Topology.Load(name).Ases.Should().HaveCount(ases);
        EmulatedNetworkOptions.Load(name).Topology.Should().BeSameAs(Topology.WellKnown[name]);
    }

    [VectorFact]
    public void Load_reads_a_pocketscion_file_with_its_addresses()
    {
        var options = EmulatedNetworkOptions.Load(VectorFile.PathOf("topologies/pocketscion_config.json"));
        options.Topology.Ases.Should().HaveCount(11);
        options.RouterAddresses[IsdAs.Parse("2-3")].ToString().Should().Be("10.0.200.20:10232");
    }

    [Fact]
    public void Load_of_what_is_neither_a_file_nor_a_name_says_what_it_knows()
    {
        var load = () => Topology.Load("nothing.txt");
        load.Should().Throw<FormatException>().WithMessage("'nothing.txt' is no*.topo*default, tiny, siblings*");
        var absent = () => Topology.Load("nothing.topo");
        absent.Should().Throw<FileNotFoundException>();
    }

    [Fact]
    public void Load_of_a_wrong_json_file_names_file_and_key()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.json");
        File.WriteAllText(file, """{"topology":{"ases":[{"isd_as":"x","is_core":true}],"links":[]}}""");
        try
        {
            var load = () => Topology.Load(file);
            load.Should().Throw<FormatException>()
                .WithMessage($"{Path.GetFileName(file)}: topology.ases[0].isd_as: 'x' is not an ISD-AS*");
        }
        finally
        {
            File.Delete(file);
        }
    }
}
