using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

/// <summary>Flights, ECN and next hops: what a socket makes of its underlay.</summary>
public class ScionSocketUnderlayTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);
    private static readonly IsdAs Here = IsdAs.Parse("1-ff00:0:110");
    private static readonly IsdAs There = IsdAs.Parse("2-ff00:0:210");
    private static readonly IPEndPoint Router5 = IPEndPoint.Parse("10.0.0.5:30042");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Flight_arrives_whole_in_order_and_with_right_checksums(string address)
    {
        if (address == "::1" && !System.Net.Sockets.Socket.OSSupportsIPv6)
            return;
        using var client = Open(IPAddress.Parse(address));
        using var server = Open(IPAddress.Parse(address));
        var template = new HeaderTemplate(client.LocalEndPoint, server.LocalEndPoint, PathType.Empty, []);
        var segmentSize = template.Length + 1200;
        var flight = new byte[63 * segmentSize + template.Length + 1];
        for (var i = 0; i < 64; i++)
            flight[i * segmentSize + template.Length] = (byte)i;
        client.Send(flight, segmentSize, template, NextHop(server), out var sent).Should().Be(UdpSendResult.Sent);
        sent.Should().Be(64);
        for (var i = 0; i < 64; i++)
        {
            server.Wait(LongEnough).Should().BeTrue();
            server.TryReceive(out var datagram).Should().BeTrue();
            (datagram.Payload[0], datagram.Payload.Length).Should().Be(((byte)i, i == 63 ? 1 : 1200));
        }
        server.DropCount(ScionDropReason.BadChecksum).Should().Be(0);
        server.TryReceive(out _).Should().BeFalse();
    }

    [Fact]
    public void Ecn_goes_into_header_and_underlay_and_the_rest_of_the_traffic_class_stays()
    {
        using var client = Open(IPAddress.Loopback);
        using var server = Open(IPAddress.Loopback);
        var template = new HeaderTemplate(
            client.LocalEndPoint, server.LocalEndPoint, PathType.Empty, [], trafficClass: 0xb8);
        foreach (var ecn in Enum.GetValues<UdpEcn>())
        {
            client.Send(new byte[2 * template.Length], template.Length, template, NextHop(server), out _, ecn);
            client.Send(new byte[template.Length], template, NextHop(server), ecn);
            for (var i = 0; i < 3; i++)
            {
                server.Wait(LongEnough).Should().BeTrue();
                server.TryReceive(out var datagram).Should().BeTrue();
                (datagram.TrafficClass, datagram.Ecn).Should().Be(((byte)(0xb8 | (int)ecn), ecn));
            }
        }
    }

    [Theory]
    [InlineData(UdpEcn.NotEct, UdpEcn.Ce, UdpEcn.NotEct)]
    [InlineData(UdpEcn.Ect0, UdpEcn.NotEct, UdpEcn.Ect0)]
    [InlineData(UdpEcn.Ect0, UdpEcn.Ect1, UdpEcn.Ect1)]
    [InlineData(UdpEcn.Ect0, UdpEcn.Ce, UdpEcn.Ce)]
    [InlineData(UdpEcn.Ect1, UdpEcn.Ect0, UdpEcn.Ect1)]
    [InlineData(UdpEcn.Ect1, UdpEcn.Ce, UdpEcn.Ce)]
    [InlineData(UdpEcn.Ce, UdpEcn.NotEct, UdpEcn.Ce)]
    [InlineData(UdpEcn.Ce, UdpEcn.Ect1, UdpEcn.Ce)]
    public void Congestion_seen_on_the_last_link_is_reported(UdpEcn inner, UdpEcn outer, UdpEcn expected)
    {
        using var router = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        using var server = Open(IPAddress.Loopback);
        router.Send(PacketTo(server, PathType.Empty, [], trafficClass: (byte)inner), NextHop(server), outer);
        server.Wait(LongEnough).Should().BeTrue();
        server.TryReceive(out var datagram).Should().BeTrue();
        datagram.Ecn.Should().Be(router.CarriesEcn ? expected : inner);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Answer_behind_a_dispatcher_goes_to_the_router_of_the_path(bool consDir)
    {
        using var dispatcher = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        using var server = OpenBehind(dispatcher);
        NextHopOf(server, dispatcher, PathType.Scion, ArrivedPath(consDir, interfaceId: 5)).Should().Be(Router5);
        byte[] epic = [.. new byte[16], .. ArrivedPath(consDir, interfaceId: 5)];
        NextHopOf(server, dispatcher, PathType.Epic, epic).Should().Be(Router5);
        NextHopOf(server, dispatcher, PathType.Scion, ArrivedPath(consDir, interfaceId: 6))
            .Should().Be(dispatcher.LocalEndPoint);
    }

    [Fact]
    public void Answer_to_a_neighbour_behind_a_dispatcher_goes_to_the_neighbour()
    {
        using var dispatcher = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        using var server = OpenBehind(dispatcher);
        NextHopOf(server, dispatcher, PathType.Empty, []).Should().Be(IPEndPoint.Parse("10.0.0.9:443"));
        dispatcher.Send(EchoReplyTo(server), NextHop(server));
        server.Wait(LongEnough).Should().BeTrue();
        server.TryReceive(out var reply).Should().BeTrue();
        reply.NextHop.ToIPEndPoint().Should().Be(
            new IPEndPoint(IPAddress.Parse("10.0.0.9"), dispatcher.LocalEndPoint.Port));
    }

    [Fact]
    public void Answer_to_any_other_sender_goes_to_that_sender()
    {
        using var dispatcher = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        using var router = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        using var server = OpenBehind(dispatcher);
        NextHopOf(server, router, PathType.Scion, ArrivedPath(consDir: true, interfaceId: 5))
            .Should().Be(router.LocalEndPoint);
    }

    [Fact]
    public void Flights_and_their_receipt_allocate_nothing()
    {
        using var client = Open(IPAddress.Loopback);
        using var server = Open(IPAddress.Loopback);
        var template = new HeaderTemplate(client.LocalEndPoint, server.LocalEndPoint, PathType.Empty, []);
        var segmentSize = template.Length + 1200;
        var flight = new byte[16 * segmentSize];
        var nextHop = NextHop(server);
        var received = 0;
        void RoundTrips()
        {
            received = 0;
            for (var i = 0; i < 50; i++)
            {
                client.Send(flight, segmentSize, template, nextHop, out _, UdpEcn.Ect0);
                server.Wait(LongEnough);
                while (server.TryReceive(out _))
                    received++;
            }
        }

        var allocated = Allocation.Of(RoundTrips);
        received.Should().Be(50 * 16);
        if (OperatingSystem.IsLinux())
            allocated.Should().Be(0);
    }

    private static ScionSocket Open(IPAddress address) => new(Here, new UdpUnderlay(new IPEndPoint(address, 0)));

    private static ScionSocket OpenBehind(BatchedUdpSocket dispatcher) => new(
        Here,
        new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0)),
        new Dictionary<ushort, IPEndPoint> { [5] = Router5 })
    {
        DispatcherPort = (ushort)dispatcher.LocalEndPoint.Port,
    };

    private static UdpAddress NextHop(ScionSocket socket) =>
        socket.LocalEndPoint.TryGetUdpAddress(out var address) ? address : default;

    private static IPEndPoint NextHopOf(ScionSocket server, BatchedUdpSocket sender, PathType type, byte[] path)
    {
        sender.Send(PacketTo(server, type, path), NextHop(server)).Should().Be(UdpSendResult.Sent);
        server.Wait(LongEnough).Should().BeTrue();
        server.TryReceive(out var datagram).Should().BeTrue();
        datagram.UnderlaySender.ToIPEndPoint().Should().Be(sender.LocalEndPoint);
        return datagram.NextHop.ToIPEndPoint();
    }

    private static byte[] PacketTo(ScionSocket server, PathType type, byte[] path, byte trafficClass = 0)
    {
        var source = ScionEndPoint.Parse("[1-ff00:0:110,10.0.0.9]:443");
        if (type != PathType.Empty)
            source = source with { IsdAs = There };
        var template = new HeaderTemplate(source, server.LocalEndPoint, type, path, trafficClass);
        var packet = new byte[template.Length + 1];
        template.Stamp(packet);
        return packet;
    }

    private static byte[] EchoReplyTo(ScionSocket server)
    {
        var header = new ScionHeader(
            Here,
            server.LocalEndPoint.Host,
            Here,
            ScionHost.FromIPAddress(IPAddress.Parse("10.0.0.9")),
            PathType.Empty,
            L4Protocol.Scmp);
        var message = new ScmpMessage(ScmpType.EchoReply, 0) { Identifier = server.LocalEndPoint.Port };
        var packet = new byte[100];
        ScionPacketWriter.TryWriteScmp(packet, header, [], message, [], out var length).Should().BeTrue();
        return packet[..length];
    }

    private static byte[] ArrivedPath(bool consDir, ushort interfaceId)
    {
        var last = consDir
            ? new HopField(false, false, 63, ConsIngress: interfaceId, ConsEgress: 0, Mac: 3)
            : new HopField(false, false, 63, ConsIngress: 0, ConsEgress: interfaceId, Mac: 3);
        var path = PathHeader.Encode(
            [2],
            [new InfoField(false, consDir, 1, 1_700_000_000)],
            [new HopField(false, false, 63, 1, 2, Mac: 2), last]);
        PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
        header.At(1).Write(path);
        return path;
    }
}
