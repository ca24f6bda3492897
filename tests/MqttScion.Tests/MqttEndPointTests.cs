using System.Net.NetworkInformation;
using MqttScion.Scion;

namespace MqttScion.Tests;

public sealed class MqttEndPointTests
{
    [Theory]
    [InlineData("[1-ff00:0:110,10.0.0.2]:8883", "[1-ff00:0:110,10.0.0.2]:8883")]
    [InlineData("scion://[1-ff00:0:110,10.0.0.2]:8883", "[1-ff00:0:110,10.0.0.2]:8883")]
    [InlineData("SCION://[1-ff00:0:110,2001:db8::1]:1", "[1-ff00:0:110,2001:db8::1]:1")]
    [InlineData("scion://1-ff00:0:110,10.0.0.2:8883", "[1-ff00:0:110,10.0.0.2]:8883")]
    [InlineData("[1-ff00:0:110,::ffff:10.0.0.2]:8883", "[1-ff00:0:110,10.0.0.2]:8883")]
    public void Parse_address_on_SCION_gives_the_bare_form(string text, string expected)
    {
        var endPoint = MqttEndPoint.Parse(text);

        endPoint.Scion.Should().Be(ScionEndPoint.Parse(expected));
        endPoint.Port.Should().Be(endPoint.Scion!.Value.Port);
        endPoint.ToString().Should().Be(expected);
        MqttEndPoint.Parse(endPoint.ToString()).Should().Be(endPoint);
    }

    [Theory]
    [InlineData("mqtt-quic://broker.example", "broker.example", 14567)]
    [InlineData("mqtt-quic://broker.example:1", "broker.example", 1)]
    [InlineData("MQTT-Quic://Broker.EXAMPLE:65535", "broker.example", 65535)]
    [InlineData("mqtt-quic://broker.example.", "broker.example.", 14567)]
    [InlineData("mqtt-quic://localhost", "localhost", 14567)]
    [InlineData("mqtt-quic://3com.example", "3com.example", 14567)]
    [InlineData("mqtt-quic://my_broker-1:99", "my_broker-1", 99)]
    [InlineData("mqtt-quic://10.0.0.2:14568", "10.0.0.2", 14568)]
    [InlineData("mqtt-quic://4f5e6d7c8b9a", "4f5e6d7c8b9a", 14567)]
    [InlineData("mqtt-quic://broker.3d", "broker.3d", 14567)]
    [InlineData("mqtt-quic://[::1]", "::1", 14567)]
    [InlineData("mqtt-quic://[2001:DB8:0:0::1]:14568", "2001:db8::1", 14568)]
    public void Parse_address_on_plain_IP_gives_host_and_port(string text, string host, int port)
    {
        var endPoint = MqttEndPoint.Parse(text);

        endPoint.Scion.Should().BeNull();
        endPoint.Host.Should().Be(host);
        endPoint.Port.Should().Be(port);
        MqttEndPoint.Parse(endPoint.ToString()).Should().Be(endPoint);
    }

    [Theory]
    [InlineData("", "no ','")]
    [InlineData("10.0.0.2:8883", "no ','")]
    [InlineData("[1-ff00:0:110,10.0.0.2]", "no ']:'")]
    [InlineData("[1-ff00:0:110,10.0.0.2]:0", "no port from 1 to 65535")]
    [InlineData("[1-ff00:0:110,10.0.0.2]:65536", "65536")]
    [InlineData("1-ff00:0:110,10.0.0.2", "no port from 1 to 65535")]
    [InlineData("[1-ff00:0:110,CS]:4433", "'CS' is a service, not a host")]
    [InlineData("scion://[1-ff00:0:110,10.0.0.2]", "no ']:'")]
    [InlineData("scion://[1-ff00:0:110,10.0.0.2]:8883/topic", "has a path")]
    [InlineData("scion://broker.example:8883", "no ','")]
    [InlineData("mqtt://broker.example:1883", "'mqtt' is MQTT over TCP")]
    [InlineData("MQTTS://broker.example", "'mqtts' is MQTT over TCP")]
    [InlineData("tcp://broker.example", "'tcp' is MQTT over TCP")]
    [InlineData("wss://broker.example", "'wss' is MQTT over TCP")]
    [InlineData("quic://broker.example", "the scheme 'quic' is not known")]
    [InlineData("://broker.example", "the scheme '' is not known")]
    [InlineData("mqtt-quic://", "no host")]
    [InlineData("mqtt-quic://:14567", "no host")]
    [InlineData("mqtt-quic://broker.example/", "has a path")]
    [InlineData("mqtt-quic://broker.example?x=1", "has a query")]
    [InlineData("mqtt-quic://broker.example#x", "has a fragment")]
    [InlineData("mqtt-quic://broker.example:", "'' is no port")]
    [InlineData("mqtt-quic://broker.example:0", "'0' is no port")]
    [InlineData("mqtt-quic://broker.example:65536", "'65536' is no port")]
    [InlineData("mqtt-quic://broker.example:-1", "'-1' is no port")]
    [InlineData("mqtt-quic://broker.example:+1", "'+1' is no port")]
    [InlineData("mqtt-quic://broker.example: 1", "' 1' is no port")]
    [InlineData("mqtt-quic://::1", "in brackets")]
    [InlineData("mqtt-quic://[::1", "'[' without a ']'")]
    [InlineData("mqtt-quic://[::1]14567", "'14567' after the host")]
    [InlineData("mqtt-quic://[10.0.0.2]", "no IPv6 address")]
    [InlineData("mqtt-quic://[::ffff:10.0.0.2]", "IPv4 address")]
    [InlineData("mqtt-quic://[1-ff00:0:110,10.0.0.2]:8883", "SCION address is no host")]
    [InlineData("mqtt-quic://10.0.0", "no IPv4 address")]
    [InlineData("mqtt-quic://0x7f.1", "no IPv4 address")]
    [InlineData("mqtt-quic://0x7f000001", "no IPv4 address")]
    [InlineData("mqtt-quic://10.0.0.0x2", "no IPv4 address")]
    [InlineData("mqtt-quic://[fe80::1%nowhere0]", "'nowhere0' is no network interface")]
    [InlineData("mqtt-quic://[fe80::1%25nowhere0]", "'25nowhere0' is no network interface")]
    [InlineData("mqtt-quic://[fe80::1%]", "'' is no network interface")]
    [InlineData("mqtt-quic://0.0.0.0", "a wildcard is no host")]
    [InlineData("mqtt-quic://[::]", "a wildcard is no host")]
    [InlineData("mqtt-quic://10.0.0.256", "no IPv4 address")]
    [InlineData("mqtt-quic://010.0.0.1", "no IPv4 address")]
    [InlineData("mqtt-quic://bröker.example", "not ASCII")]
    [InlineData("mqtt-quic://-broker.example", "no host name")]
    [InlineData("mqtt-quic://a..b", "no host name")]
    [InlineData("mqtt-quic://a b", "no host name")]
    [InlineData("mqtt-quic://a\nb", "no host name")]
    public void Parse_anything_else_says_what_came_and_what_was_expected(string text, string expected)
    {
        MqttEndPoint.TryParse(text, out var endPoint, out var problem).Should().BeFalse();

        endPoint.Should().BeNull();
        problem.Should().Contain($"'{text}'").And.Contain(expected)
            .And.Contain("[1-ff00:0:110,10.0.0.2]:8883").And.Contain("mqtt-quic://broker.example:14567");
        ((Action)(() => MqttEndPoint.Parse(text))).Should().Throw<FormatException>().WithMessage(problem);
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%25")]
    public void Parse_zone_of_a_link_local_address_is_kept(string sign)
    {
        var loopback = NetworkInterface.GetAllNetworkInterfaces()
            .First(i => i.NetworkInterfaceType == NetworkInterfaceType.Loopback);

        var endPoint = MqttEndPoint.Parse($"mqtt-quic://[fe80::1{sign}{loopback.Name}]:9");

        endPoint.Host.Should().Be($"fe80::1%{NetworkInterface.IPv6LoopbackInterfaceIndex}");
        MqttEndPoint.Parse(endPoint.ToString()).Should().Be(endPoint);
    }

    [Theory]
    [InlineData("mqtt-quic://user:s3cret@broker.example")]
    [InlineData("mqtt-quic://user:s3cret@x@broker.example:99")]
    [InlineData("mqtt-quic://user:s3cret/x@broker.example:99")]
    [InlineData("mqtts://user:s3cret@broker.example")]
    [InlineData("scion://user:s3cret@[1-ff00:0:110,10.0.0.2]:8883")]
    [InlineData("user:s3cret@[1-ff00:0:110,10.0.0.2]:8883")]
    public void Parse_shows_no_password_in_the_problem(string text)
    {
        MqttEndPoint.TryParse(text, out _, out var problem).Should().BeFalse();

        problem.Should().NotContain("s3cret").And.Contain("@");
    }

    [Fact]
    public void Parse_text_without_end_is_bounded_in_the_problem()
    {
        MqttEndPoint.TryParse("mqtt-quic://" + new string('a', 100_000), out _, out var problem).Should().BeFalse();

        problem!.Length.Should().BeLessThan(1000);
    }

    [Fact]
    public void Null_is_no_address() => MqttEndPoint.TryParse(null, out _).Should().BeFalse();
}
