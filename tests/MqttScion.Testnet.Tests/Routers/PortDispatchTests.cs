using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public class PortDispatchTests
{
    private const ushort Endhost = 30041;
    private const ushort Asking = 31_500;
    private static readonly PortDispatch Customary = new(Endhost, PortRange.Customary);

    [Theory]
    [InlineData(L4Protocol.Udp, 31_000, 31_000)]
    [InlineData(L4Protocol.Tcp, 32_767, 32_767)]
    [InlineData(L4Protocol.Udp, 30_999, Endhost)]
    [InlineData(L4Protocol.Udp, 32_768, Endhost)]
    [InlineData(L4Protocol.Udp, 0, Endhost)]
    public void Udp_and_tcp_go_to_their_port_within_the_range(L4Protocol protocol, ushort port, ushort expected) =>
        PortOf(Customary, Packet(protocol, UdpTo(port))).Should().Be(expected);

    [Theory]
    [InlineData(ScmpType.EchoRequest, Endhost)]
    [InlineData(ScmpType.TracerouteRequest, Endhost)]
    [InlineData(ScmpType.EchoReply, Asking)]
    [InlineData(ScmpType.TracerouteReply, Asking)]
    public void Scmp_requests_go_to_the_endhost_port_and_replies_to_the_identifier(ScmpType type, ushort expected) =>
        PortOf(Customary, Scmp(new ScmpMessage(type, 0) { Identifier = Asking })).Should().Be(expected);

    [Fact]
    public void Scmp_reply_with_an_identifier_outside_the_range_goes_to_the_endhost_port() =>
        PortOf(Customary, Scmp(new ScmpMessage(ScmpType.EchoReply, 0) { Identifier = 7 })).Should().Be(Endhost);

    [Theory]
    [InlineData(ScmpType.DestinationUnreachable)]
    [InlineData(ScmpType.PacketTooBig)]
    [InlineData(ScmpType.ParameterProblem)]
    [InlineData(ScmpType.ExternalInterfaceDown)]
    [InlineData(ScmpType.InternalConnectivityDown)]
    public void Scmp_error_goes_to_the_sender_of_what_it_quotes(ScmpType type)
    {
        var error = new ScmpMessage(type, 0);
        PortOf(Customary, Scmp(error, Packet(L4Protocol.Udp, UdpTo(40_000)))).Should().Be(Asking);
        var request = new ScmpMessage(ScmpType.EchoRequest, 0) { Identifier = Asking };
        PortOf(Customary, Scmp(error, Scmp(request))).Should().Be(Asking);
    }

    [Fact]
    public void Scmp_error_that_quotes_no_sender_has_no_port()
    {
        var error = new ScmpMessage(ScmpType.ParameterProblem, 0);
        Customary.TryGetPort(Scmp(error), out _).Should().BeFalse();
        Customary.TryGetPort(Scmp(error, Packet(L4Protocol.Tcp, UdpTo(1))), out _).Should().BeFalse();
        Customary.TryGetPort(Packet(L4Protocol.Udp, [1, 2, 3]), out _).Should().BeFalse();
        Customary.TryGetPort(Packet(L4Protocol.Scmp, [200, 0, 0, 0]), out _).Should().BeFalse();
    }

    [Fact]
    public void Other_protocols_go_to_the_endhost_port() =>
        PortOf(PortDispatch.Open, Packet((L4Protocol)253, [1])).Should().Be(Endhost);

    [Fact]
    public void Open_range_delivers_to_every_port() =>
        PortOf(PortDispatch.Open, Packet(L4Protocol.Udp, UdpTo(7))).Should().Be(7);

    private static ushort PortOf(PortDispatch ports, byte[] packet)
    {
        ports.TryGetPort(packet, out var port).Should().BeTrue();
        return port;
    }

    private static byte[] UdpTo(ushort port)
    {
        var bytes = new byte[ScionUdpHeader.Length];
        new ScionUdpHeader(Asking, port, ScionUdpHeader.Length, Checksum: 0).Write(bytes);
        return bytes;
    }

    private static byte[] Packet(L4Protocol protocol, byte[] upperLayer)
    {
        var packet = new byte[500];
        ScionPacketWriter.TryWriteHeader(packet, Header(protocol), [], upperLayer.Length, out var length)
            .Should().BeTrue();
        upperLayer.CopyTo(packet, length);
        return packet[..(length + upperLayer.Length)];
    }

    private static byte[] Scmp(ScmpMessage message, byte[]? quote = null)
    {
        var packet = new byte[500];
        ScionPacketWriter.TryWriteScmp(packet, Header(L4Protocol.Scmp), [], message, quote ?? [], out var length)
            .Should().BeTrue();
        return packet[..length];
    }

    private static ScionHeader Header(L4Protocol protocol) =>
        new(new IsdAs(1, 1), default, new IsdAs(1, 2), default, PathType.Empty, protocol);
}
