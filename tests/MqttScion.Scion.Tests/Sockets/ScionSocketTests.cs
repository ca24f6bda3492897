using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

public class ScionSocketTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);
    private static readonly IsdAs Here = IsdAs.Parse("1-ff00:0:110");

    [Fact]
    public void Datagram_within_one_as_goes_straight_to_the_other_host_and_back()
    {
        using var client = Open(Here);
        using var server = Open(Here);
        SendText(client, server.LocalEndPoint, "ping", NextHop(server)).Should().Be(UdpSendResult.Sent);

        server.Wait(LongEnough).Should().BeTrue();
        server.TryReceive(out var ping).Should().BeTrue();
        ping.IsScmp.Should().BeFalse();
        ping.Source.Should().Be(client.LocalEndPoint);
        ping.PathType.Should().Be(PathType.Empty);
        ping.UnderlaySender.Should().Be(NextHop(client));
        Text(ping.Payload).Should().Be("ping");
        SendText(server, ping.Source, "pong", ping.UnderlaySender);

        client.Wait(LongEnough).Should().BeTrue();
        client.TryReceive(out var pong).Should().BeTrue();
        Text(pong.Payload).Should().Be("pong");
        client.TryReceive(out _).Should().BeFalse();
    }

    [Fact]
    public void Datagram_over_ipv6_arrives()
    {
        if (!System.Net.Sockets.Socket.OSSupportsIPv6)
            return;
        using var client = Open(Here, IPAddress.IPv6Loopback);
        using var server = Open(Here, IPAddress.IPv6Loopback);
        SendText(client, server.LocalEndPoint, "ping", NextHop(server)).Should().Be(UdpSendResult.Sent);
        Receive(server).Should().Be("ping");
        server.LocalEndPoint.TryGetUdpAddress(out var address).Should().BeTrue();
        address.Should().Be(NextHop(server));
    }

    [Fact]
    public void Path_arrives_as_it_was_sent_and_equal_paths_have_equal_hashes()
    {
        using var client = Open(Here);
        using var server = Open(IsdAs.Parse("1-ff00:0:111"));
        var path = TwoHopPath();
        var template = new HeaderTemplate(client.LocalEndPoint, server.LocalEndPoint, PathType.Scion, path, 0xb8, 7);
        var hashes = new List<int>();
        for (var i = 0; i < 2; i++)
        {
            client.Send(new byte[template.Length + 5], template, NextHop(server));
            server.Wait(LongEnough);
            server.TryReceive(out var datagram).Should().BeTrue();
            datagram.RawPath.ToArray().Should().Equal(path);
            datagram.TrafficClass.Should().Be(0xb8);
            hashes.Add(datagram.GetRawPathHash());
        }
        hashes.Distinct().Should().HaveCount(1);
    }

    [Fact]
    public void Packet_for_another_as_host_or_port_is_dropped()
    {
        using var client = Open(Here);
        using var server = Open(Here);
        var otherHost = ScionHost.FromIPAddress(IPAddress.Parse("127.0.0.9"));
        var wrong = new[]
        {
            server.LocalEndPoint with { IsdAs = IsdAs.Parse("1-ff00:0:111") },
            server.LocalEndPoint with { Host = otherHost },
            server.LocalEndPoint with { Port = (ushort)(server.LocalEndPoint.Port ^ 1) },
        };
        foreach (var destination in wrong)
            SendText(client, destination, "lost", NextHop(server));
        SendText(client, server.LocalEndPoint, "found", NextHop(server));
        Receive(server).Should().Be("found");
        server.DropCount(ScionDropReason.NotForUs).Should().Be(3);
    }

    [Fact]
    public void Wrong_checksum_is_dropped_and_none_is_accepted()
    {
        using var client = Open(Here);
        using var server = Open(Here);
        var template = new HeaderTemplate(client.LocalEndPoint, server.LocalEndPoint, PathType.Empty, []);
        var packet = new byte[template.Length + 4];
        template.Stamp(packet);
        packet[^1] ^= 1;
        client.SendPacket(packet, NextHop(server));
        packet.AsSpan(template.Length - 2, 2).Clear();
        packet.AsSpan(template.Length).Fill((byte)'x');
        client.SendPacket(packet, NextHop(server));
        Receive(server).Should().Be("xxxx");
        server.DropCount(ScionDropReason.BadChecksum).Should().Be(1);
    }

    [Fact]
    public void Garbage_is_dropped_and_counted()
    {
        using var client = Open(Here);
        using var server = Open(Here);
        client.SendPacket([], NextHop(server));
        client.SendPacket([1, 2, 3], NextHop(server));
        client.SendPacket(Packet(client, server, L4Protocol.Tcp, [1, 2, 3, 4]), NextHop(server));
        client.SendPacket(Packet(client, server, L4Protocol.Udp, [1, 2, 3, 4]), NextHop(server));
        client.SendPacket(Packet(client, server, L4Protocol.Scmp, [5]), NextHop(server));
        SendText(client, server.LocalEndPoint, "found", NextHop(server));
        Receive(server).Should().Be("found");
        server.DropCount(ScionDropReason.Malformed).Should().Be(2);
        server.DropCount(ScionDropReason.UnknownProtocol).Should().Be(1);
        server.DropCount(ScionDropReason.MalformedUpperLayer).Should().Be(2);
    }

    [Fact]
    public void Scmp_error_that_quotes_our_packet_is_delivered_with_its_quote()
    {
        using var client = Open(Here);
        using var router = Open(Here);
        var quoted = SentBy(client, remote: "[2-ff00:0:210,10.0.0.9]:443", payload: "secret");
        client.SendPacket([], NextHop(router));
        var down = new ScmpMessage(ScmpType.ExternalInterfaceDown, 0) { IsdAs = Here, Interface = 5 };
        SendScmp(router, client, down, quoted);

        client.Wait(LongEnough).Should().BeTrue();
        client.TryReceive(out var datagram).Should().BeTrue();
        datagram.IsScmp.Should().BeTrue();
        datagram.Scmp.Type.Should().Be(ScmpType.ExternalInterfaceDown);
        datagram.Scmp.Interface.Should().Be(5);
        ScmpQuote.TryRead(datagram.Payload, out var quote).Should().BeTrue();
        quote.Source.Should().Be(client.LocalEndPoint);
        quote.Destination.Should().Be(ScionEndPoint.Parse("[2-ff00:0:210,10.0.0.9]:443"));
        System.Text.Encoding.ASCII.GetString(quote.Payload).Should().Be("secret");
    }

    [Fact]
    public void Scmp_error_that_quotes_anothers_packet_or_nothing_is_dropped()
    {
        using var client = Open(Here);
        using var router = Open(Here);
        var down = new ScmpMessage(ScmpType.ExternalInterfaceDown, 0) { IsdAs = Here, Interface = 5 };
        SendScmp(router, client, down, SentBy(router, "[2-ff00:0:210,10.0.0.9]:443", "secret"));
        SendScmp(router, client, down, [1, 2, 3]);
        SendScmp(router, client, new ScmpMessage(ScmpType.EchoReply, 0) { Identifier = 1 }, []);
        SendText(router, client.LocalEndPoint, "found", NextHop(client));
        Receive(client).Should().Be("found");
        client.DropCount(ScionDropReason.UnrelatedScmp).Should().Be(3);
    }

    [Fact]
    public void Echo_reply_with_our_identifier_is_delivered()
    {
        using var client = Open(Here);
        using var router = Open(Here);
        var reply = new ScmpMessage(ScmpType.EchoReply, 0) { Identifier = client.LocalEndPoint.Port, Sequence = 3 };
        SendScmp(router, client, reply, "data"u8);
        client.Wait(LongEnough);
        client.TryReceive(out var datagram).Should().BeTrue();
        datagram.Scmp.Sequence.Should().Be(3);
        Text(datagram.Payload).Should().Be("data");
    }

    [Fact]
    public void Flood_of_foreign_packets_ends_a_receive_within_its_bound()
    {
        using var client = Open(Here);
        using var server = Open(Here);
        for (var i = 0; i < 65; i++)
            client.SendPacket([1], NextHop(server));
        SendText(client, server.LocalEndPoint, "found", NextHop(server));
        server.TryReceive(out _).Should().BeFalse();
        server.DropCount(ScionDropReason.Malformed).Should().Be(64);
        server.TryReceive(out var datagram).Should().BeTrue();
        Text(datagram.Payload).Should().Be("found");
    }

    [Fact]
    public void Round_trips_allocate_nothing()
    {
        using var client = Open(Here);
        using var server = Open(Here);
        var template = new HeaderTemplate(client.LocalEndPoint, server.LocalEndPoint, PathType.Empty, []);
        var segment = new byte[template.Length + 1200];
        var nextHop = NextHop(server);
        var received = 0;
        void RoundTrips()
        {
            received = 0;
            for (var i = 0; i < 100; i++)
            {
                client.Send(segment, template, nextHop);
                server.Wait(LongEnough);
                received += server.TryReceive(out _) ? 1 : 0;
            }
        }

        var allocated = Allocation.Of(RoundTrips);
        received.Should().Be(100);
        if (OperatingSystem.IsLinux())
            allocated.Should().Be(0);
    }

    [Fact]
    public void Underlay_refuses_a_wildcard_address_and_finds_the_right_one()
    {
        var act = () => new UdpUnderlay(new IPEndPoint(IPAddress.Any, 0));
        act.Should().Throw<ArgumentException>().WithMessage("*needs one address*");
        UdpUnderlay.LocalAddressTowards(new IPEndPoint(IPAddress.Loopback, 30041)).Should().Be(IPAddress.Loopback);
    }

    private static ScionSocket Open(IsdAs isdAs, IPAddress? address = null) =>
        new(isdAs, new UdpUnderlay(new IPEndPoint(address ?? IPAddress.Loopback, 0)));

    private static UdpAddress NextHop(ScionSocket socket)
    {
        socket.LocalEndPoint.TryGetIPEndPoint(out var endPoint).Should().BeTrue();
        return endPoint!;
    }

    private static UdpSendResult SendText(ScionSocket from, ScionEndPoint to, string text, UdpAddress nextHop)
    {
        var template = new HeaderTemplate(from.LocalEndPoint, to, PathType.Empty, []);
        var segment = new byte[template.Length + text.Length];
        System.Text.Encoding.ASCII.GetBytes(text, segment.AsSpan(template.Length));
        return from.Send(segment, template, nextHop);
    }

    private static byte[] SentBy(ScionSocket socket, string remote, string payload)
    {
        var template = new HeaderTemplate(
            socket.LocalEndPoint, ScionEndPoint.Parse(remote), PathType.Scion, TwoHopPath());
        var packet = new byte[template.Length + payload.Length];
        System.Text.Encoding.ASCII.GetBytes(payload, packet.AsSpan(template.Length));
        template.Stamp(packet);
        return packet;
    }

    private static void SendScmp(ScionSocket from, ScionSocket to, ScmpMessage message, ReadOnlySpan<byte> data)
    {
        var packet = new byte[1500];
        var header = HeaderBetween(from, to, L4Protocol.Scmp);
        ScionPacketWriter.TryWriteScmp(packet, header, [], message, data, out var length)
            .Should().BeTrue();
        from.SendPacket(packet.AsSpan(0, length), NextHop(to));
    }

    private static byte[] Packet(ScionSocket from, ScionSocket to, L4Protocol protocol, byte[] upperLayer)
    {
        var packet = new byte[200];
        ScionPacketWriter.TryWriteHeader(
            packet, HeaderBetween(from, to, protocol), [], upperLayer.Length, out var length).Should().BeTrue();
        upperLayer.CopyTo(packet, length);
        return packet[..(length + upperLayer.Length)];
    }

    private static ScionHeader HeaderBetween(ScionSocket from, ScionSocket to, L4Protocol protocol) => new(
        to.LocalEndPoint.IsdAs,
        to.LocalEndPoint.Host,
        from.LocalEndPoint.IsdAs,
        from.LocalEndPoint.Host,
        PathType.Empty,
        protocol);

    private static byte[] TwoHopPath() => PathHeader.Encode(
        [2],
        [new InfoField(false, true, 1, 1_700_000_000)],
        [new HopField(false, false, 63, 0, 1, Mac: 2), new HopField(false, false, 63, 1, 0, Mac: 3)]);

    private static string Receive(ScionSocket socket)
    {
        socket.Wait(LongEnough).Should().BeTrue();
        socket.TryReceive(out var datagram).Should().BeTrue();
        return Text(datagram.Payload);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.ASCII.GetString(bytes);
}
