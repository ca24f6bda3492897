using System.Net;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public sealed class PocketScionConfigTests
{
    [VectorFact]
    public void Parse_published_configuration_gives_its_network()
    {
        var config = PocketScionConfig.Parse(VectorFile.Json("topologies/pocketscion_config.json").GetRawText());

        config.Topology.Ases.Should().HaveCount(11);
        config.Topology.Links.Should().HaveCount(16);
        config.Snaps.Should().HaveCount(2);
        config.EndhostApis[1].Local.Should().Equal(IsdAs.Parse("2-3"));
        config.EndhostApis[1].Listen.Should().Be(IPEndPoint.Parse("10.0.200.20:10231"));
        config.Routers[0].Interfaces.Should().Equal(15, 10);
    }

    [VectorFact]
    public void Segments_on_the_published_network_lead_from_client_to_proxy()
    {
        var config = PocketScionConfig.Parse(VectorFile.Json("topologies/pocketscion_config.json").GetRawText());
        var answer = new SegmentFactory(config.Topology, new ForwardingKeys())
            .Segments(IsdAs.Parse("1-4"), IsdAs.Parse("2-3"));
        answer.UpSegments.Should().NotBeEmpty();
        answer.CoreSegments.Should().NotBeEmpty();
        answer.DownSegments.Should().NotBeEmpty();
    }

    [Fact]
    public void Parse_optional_parts_may_be_absent()
    {
        const string Json = """{"topology":{"ases":[{"isd_as":"1-1","is_core":true}],"links":[]},"other":1}""";
        var config = PocketScionConfig.Parse(Json);
        config.EndhostApis.Should().BeEmpty();
        config.Topology.Ases.Should().ContainSingle();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"topology":{"ases":[{"isd_as":"1-1"}],"links":[]}}""")]
    [InlineData("""{"topology":{"ases":[{"isd_as":"x","is_core":true}],"links":[]}}""")]
    [InlineData("""{"topology":{"ases":[],"links":["1-1#1 core 1-2#1"]}}""")]
    [InlineData("""{"topology":{"ases":[],"links":[]},"routers":[{"isd_as":"1-1","interfaces":[70000]}]}""")]
    [InlineData("""{"topology":{"ases":[],"links":[]},"endhost_apis":[{"isds":["1-1"],"listening_addr":"here"}]}""")]
    public void Parse_text_of_another_form_is_refused(string json)
    {
        var parse = () => PocketScionConfig.Parse(json);
        parse.Should().Throw<FormatException>();
    }
}
