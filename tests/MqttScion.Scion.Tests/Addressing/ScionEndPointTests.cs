using System.Net;

namespace MqttScion.Scion.Tests;

public class ScionEndPointTests
{
    [Theory]
    [InlineData("1-ff00:0:110,10.0.0.2:99999", "*'99999' is not a port*expected a form like*")]
    [InlineData("10.0.0.2:80", "*no ',' between ISD-AS and host*")]
    [InlineData("[x,10.0.0.2]:80", "*'x' is not an ISD-AS*")]
    [InlineData("[1-1,10.0.0.256]:80", "*'10.0.0.256' is neither*")]
    [InlineData("[1-1,10.0.0.2]", "*no ']:'*")]
    public void Parse_of_bad_text_says_what_came_and_what_was_expected(string text, string message)
    {
        var act = () => ScionEndPoint.Parse(text);
        act.Should().Throw<FormatException>().WithMessage(message);
    }

    [Theory]
    [InlineData("[1-1,10.0.0.2]:80\0")]
    [InlineData("[1-1\0,10.0.0.2]:80")]
    [InlineData("[1\0-1,10.0.0.2]:80")]
    [InlineData("[1-ff00:0:110\0,10.0.0.2]:80")]
    public void Parse_of_a_number_with_zero_characters_behind_it_is_refused(string text) =>
        ScionEndPoint.TryParse(text, out _).Should().BeFalse();

    [Fact]
    public void IPEndPoint_of_an_ip_host_keeps_address_and_port()
    {
        ScionEndPoint.Parse("[1-ff00:0:110,2001:db8::1]:80").TryGetIPEndPoint(out var endPoint).Should().BeTrue();
        endPoint.Should().Be(new IPEndPoint(IPAddress.Parse("2001:db8::1"), 80));
        ScionEndPoint.Parse("[1-ff00:0:110,CS]:80").TryGetIPEndPoint(out _).Should().BeFalse();
    }

    [Fact]
    public void Equal_endpoints_have_equal_hashes()
    {
        var one = ScionEndPoint.Parse("[1-ff00:0:110,::1]:80");
        var other = ScionEndPoint.Parse("1-ff00:0:110,[::1]:80");
        one.Should().Be(other);
        one.GetHashCode().Should().Be(other.GetHashCode());
    }

    [Fact]
    public void Host_from_an_ip_address_equals_the_parsed_one()
    {
        foreach (var text in new[] { "10.1.2.3", "2001:db8::1", "::ffff:192.0.2.1" })
        {
            ScionHost.TryParse(text, out var host).Should().BeTrue();
            ScionHost.FromIPAddress(IPAddress.Parse(text)).Should().Be(host);
            host.TryGetIPAddress(out var address).Should().BeTrue();
            address.Should().Be(IPAddress.Parse(text));
        }
    }

    [Fact]
    public void Host_from_wire_with_the_wrong_number_of_bytes_is_refused()
    {
        var act = () => ScionHost.FromWire(1, new byte[4]);
        act.Should().Throw<ArgumentException>().WithMessage("*8 bytes, got 4*");
    }

    [Fact]
    public void Service_needs_brackets_only_with_a_port()
    {
        ScionEndPoint.Parse("1-ff00:0:110,CS_M").Should().Be(ScionEndPoint.Parse("[1-ff00:0:110,CS_M]:0"));
        ScionEndPoint.TryParse("1-ff00:0:110,CS:80", out _).Should().BeFalse();
        ScionEndPoint.TryParse("1-ff00:0:110,[CS]", out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("0.0.0.0", true, false)]
    [InlineData("::", true, false)]
    [InlineData("::ffff:10.0.0.1", false, true)]
    [InlineData("::1:ffff:10.0.0.1", false, false)]
    [InlineData("10.0.0.1", false, false)]
    [InlineData("CS", false, false)]
    public void Host_says_whether_routers_refuse_it(string text, bool isUnspecified, bool isMapped)
    {
        ScionHost.TryParse(text, out var host).Should().BeTrue();
        (host.IsUnspecified, host.IsIPv4Mapped).Should().Be((isUnspecified, isMapped));
        host.ToWireForm().IsIPv4Mapped.Should().BeFalse();
    }
}
