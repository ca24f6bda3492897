using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public sealed class TopologyTests
{
    [Theory]
    [InlineData("1-1#5 core 1-11#6", "1-1#5", "1-11#6", TopologyLinkType.Core)]
    [InlineData("1-1#5  PEER\t1-11#6", "1-1#5", "1-11#6", TopologyLinkType.Peer)]
    [InlineData("1-1#5 down_to 1-2#6", "1-1#5", "1-2#6", TopologyLinkType.Child)]
    [InlineData("1-1#5 Parent_Of 1-2#6", "1-1#5", "1-2#6", TopologyLinkType.Child)]
    [InlineData("1-2#6 up_to 1-1#5", "1-1#5", "1-2#6", TopologyLinkType.Child)]
    [InlineData("1-2#6 child_of 1-ff00:0:110#5", "1-ff00:0:110#5", "1-2#6", TopologyLinkType.Child)]
    public void Link_each_form_is_parsed(string text, string a, string b, TopologyLinkType type)
    {
        var link = TopologyLink.Parse(text);
        (link.A.ToString(), link.B.ToString(), link.Type).Should().Be((a, b, type));
        TopologyLink.Parse(link.ToString()).Should().Be(link);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1-1#5 core")]
    [InlineData("1-1#5 core 1-2#6 more")]
    [InlineData("1-1#5 beside 1-2#6")]
    [InlineData("1-1#0 core 1-2#6")]
    [InlineData("1-1#65536 core 1-2#6")]
    [InlineData("1-1#+5 core 1-2#6")]
    [InlineData("1-1 core 1-2#6")]
    [InlineData("0-1#1 core 1-2#6")]
    [InlineData("1-1#5 core 1-1#6")]
    public void Link_text_of_another_form_is_refused(string text)
    {
        var parse = () => TopologyLink.Parse(text);
        parse.Should().Throw<FormatException>();
    }

    [Theory]
    [InlineData("1-1#1 core 1-9#1", "*which is not in the topology*")]
    [InlineData("1-1#1 core 1-3#1", "*is no core AS*")]
    [InlineData("1-3#1 down_to 1-1#1", "*makes the core AS 1-1 a child*")]
    [InlineData("1-1#7 down_to 1-3#1", "*Two links use the interface 1-1#7*")]
    public void Topology_link_that_does_not_fit_is_refused(string link, string message)
    {
        var make = () => Topology.Parse(["1-1", "1-2"], ["1-3"], ["1-1#7 core 1-2#7", link]);
        make.Should().Throw<ArgumentException>().WithMessage(message);
    }

    [Fact]
    public void Default_topology_has_what_tests_and_samples_rely_on()
    {
        Topology.Default.Ases.Select(each => each.IsdAs.Isd).Distinct().Should().HaveCount(2);
        Topology.Default.Ases.Should().HaveCountGreaterThanOrEqualTo(6);
        Topology.Default.As(IsdAs.Parse("1-ff00:0:111")).IsCore.Should().BeFalse();
        Topology.Default.As(IsdAs.Parse("2-ff00:0:211")).IsCore.Should().BeFalse();
    }
}
