namespace MqttScion.Quic.Tests;

public class PeerNameTests
{
    [Theory]
    [InlineData("proxy.example", "proxy.example")]
    [InlineData("proxy.example.", "proxy.example")]
    [InlineData("localhost", "localhost")]
    [InlineData("1", "1")]
    [InlineData("127.1", "127.1")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    public void Parse_of_a_dns_name_has_no_address(string text, string name) =>
        PeerName.Parse(text).Should().Be(new PeerName(name, Address: null));

    [Theory]
    [InlineData("10.0.0.2", "0a000002")]
    [InlineData("::1", "00000000000000000000000000000001")]
    [InlineData("[fd00::2]", "fd000000000000000000000000000002")]
    public void Parse_of_an_ip_address_has_its_bytes(string text, string bytes) =>
        PeerName.Parse(text).Address.Should().Equal(Convert.FromHexString(bytes));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("bücher.example")]
    [InlineData("a b")]
    [InlineData("a\0b")]
    [InlineData("*.example")]
    [InlineData("host:8883")]
    public void Parse_of_anything_else_throws(string text)
    {
        var act = () => PeerName.Parse(text);

        act.Should().Throw<ArgumentException>();
    }
}
