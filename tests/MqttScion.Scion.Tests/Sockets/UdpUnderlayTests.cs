using System.Net;
using System.Net.Sockets;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

public class UdpUnderlayTests
{
    [Fact]
    public void Port_is_bound_inside_the_range()
    {
        using var one = UdpUnderlay.BindInRange(IPAddress.Loopback, PortRange.Customary);
        using var other = UdpUnderlay.BindInRange(IPAddress.Loopback, PortRange.Customary);
        PortRange.Customary.Contains(one.LocalEndPoint.Port).Should().BeTrue();
        PortRange.Customary.Contains(other.LocalEndPoint.Port).Should().BeTrue();
        using var any = UdpUnderlay.BindInRange(IPAddress.Loopback, new PortRange(1, ushort.MaxValue));
        any.LocalEndPoint.Port.Should().BeGreaterThanOrEqualTo(1024);
        one.ReceiveBufferBytes.Should().BePositive();
    }

    [Fact]
    public void Full_range_is_a_clear_error()
    {
        using var taken = new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0));
        var port = (ushort)taken.LocalEndPoint.Port;
        var act = () => UdpUnderlay.BindInRange(IPAddress.Loopback, new PortRange(port, port));
        act.Should().Throw<SocketException>().WithMessage($"No free port of {port}-{port} on 127.0.0.1*")
            .Which.SocketErrorCode.Should().Be(SocketError.AddressAlreadyInUse);
    }

    [Fact]
    public void Empty_range_wildcard_and_foreign_address_are_clear_errors()
    {
        var empty = () => UdpUnderlay.BindInRange(IPAddress.Loopback, default);
        empty.Should().Throw<ArgumentException>().WithMessage("*no ports*30041*");
        var wildcard = () => UdpUnderlay.BindInRange(IPAddress.Any, PortRange.Customary);
        wildcard.Should().Throw<ArgumentException>().WithMessage("*needs one address*");
        var foreign = () => UdpUnderlay.BindInRange(IPAddress.Parse("192.0.2.1"), PortRange.Customary);
        foreign.Should().Throw<SocketException>().Which.SocketErrorCode.Should().Be(SocketError.AddressNotAvailable);
    }

    [Fact]
    public void Packets_of_a_batch_are_told_of_until_they_are_taken()
    {
        using var one = new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0));
        using var other = new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0));
        one.Send(new byte[20], packetLength: 10, other.LocalEndPoint, out var sent).Should().Be(UdpSendResult.Sent);
        sent.Should().Be(2);
        other.UdpSocket.Wait(TimeSpan.FromSeconds(5)).Should().BeTrue();
        other.HasPackets.Should().BeFalse();
        other.TryReceive(out _).Should().BeTrue();
        other.HasPackets.Should().BeTrue();
        other.TryReceive(out var packet).Should().BeTrue();
        (packet.Bytes.Length, packet.Sender).Should().Be((10, (UdpAddress)one.LocalEndPoint));
        other.HasPackets.Should().BeFalse();
    }
}
