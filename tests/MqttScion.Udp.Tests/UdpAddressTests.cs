using System.Net;

namespace MqttScion.Udp.Tests;

public class UdpAddressTests
{
    [Theory]
    [InlineData("127.0.0.1", 80)]
    [InlineData("2001:db8::1", 30041)]
    [InlineData("fe80::1%3", 65535)]
    [InlineData("::ffff:1.2.3.4", 1)]
    public void Address_keeps_its_endpoint(string text, int port)
    {
        var endPoint = new IPEndPoint(IPAddress.Parse(text), port);
        UdpAddress address = endPoint;
        address.ToIPEndPoint().Should().Be(endPoint);
        address.Should().Be(new UdpAddress(endPoint));
        address.ToString().Should().Be(endPoint.ToString());

        var bytes = new byte[UdpAddress.MaxSockAddrLength];
        var length = address.WriteSockAddr(bytes);
        UdpAddress.TryReadSockAddr(bytes.AsSpan(0, length), out var read).Should().BeTrue();
        read.Should().Be(address);
    }

    [Fact]
    public void Addresses_of_one_host_differ_by_port_only()
    {
        UdpAddress one = new IPEndPoint(IPAddress.Loopback, 1);
        var other = one.WithPort(2);
        other.Should().NotBe(one);
        other.HasSameHost(one).Should().BeTrue();
        other.HasSameHost(new IPEndPoint(IPAddress.IPv6Loopback, 2)).Should().BeFalse();
    }

    [Fact]
    public void Socket_address_of_another_family_is_refused() =>
        UdpAddress.TryReadSockAddr(new byte[28], out _).Should().BeFalse();
}
