using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

public class ScionEchoResponderTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);
    private static readonly IsdAs Here = IsdAs.Parse("1-ff00:0:110");
    private static readonly IsdAs There = IsdAs.Parse("2-ff00:0:210");
    private static readonly ScionHost One = ScionHost.FromIPAddress(IPAddress.Parse("10.0.0.1"));
    private static readonly ScionHost Other = ScionHost.FromIPAddress(IPAddress.Parse("2001:db8::2"));

    [Fact]
    public void Answer_is_the_request_turned_round()
    {
        var path = ArrivedPath();
        var request = Request(Echo(7, 8), "data"u8, There, One, Here, Other, PathType.Scion, path);
        var reply = new byte[request.Length];
        ScionEchoResponder.TryAnswer(request, reply, out var length).Should().BeTrue();
        length.Should().Be(request.Length);
        ScionPacketReader.TryRead(reply, out var read, out _).Should().BeTrue();
        (read.SourceIsdAs, read.SourceHost).Should().Be((Here, Other));
        (read.DestinationIsdAs, read.DestinationHost).Should().Be((There, One));
        (read.TrafficClass, read.FlowId).Should().Be(((byte)0xba, 5u));
        var reversed = new byte[path.Length];
        PathReversal.TryReverse(path, reversed).Should().BeTrue();
        read.RawPath.ToArray().Should().Equal(reversed);
        ScionChecksum.IsValid(read.AddressHeader, L4Protocol.Scmp, read.UpperLayer).Should().BeTrue();
        ScmpMessage.TryRead(read.UpperLayer, out var message, out var data, out _).Should().BeTrue();
        message.Should().Be(new ScmpMessage(ScmpType.EchoReply, 0) { Identifier = 7, Sequence = 8 });
        data.ToArray().Should().Equal("data"u8.ToArray());
    }

    [Fact]
    public void Epic_path_is_answered_by_a_standard_one_and_the_answer_is_shorter()
    {
        byte[] path = [.. new byte[16], .. ArrivedPath()];
        var request = Request(Echo(7, 8), "data"u8, There, One, Here, Other, PathType.Epic, path);
        var reply = new byte[request.Length];
        ScionEchoResponder.TryAnswer(request, reply, out var length).Should().BeTrue();
        length.Should().Be(request.Length - 16);
        ScionPacketReader.TryRead(reply.AsSpan(0, length), out var read, out _).Should().BeTrue();
        read.PathType.Should().Be(PathType.Scion);
    }

    [Fact]
    public void Nothing_but_an_intact_echo_request_of_an_ip_host_is_answered()
    {
        var traceroute = new ScmpMessage(ScmpType.TracerouteRequest, 0) { Identifier = 1 };
        var service = ScionHost.FromService(ServiceAddress.Control);
        var nowhere = ScionHost.FromIPAddress(IPAddress.Any);
        var good = Request(Echo(1, 2), [], Here, One, Here, Other, PathType.Empty, []);
        var bad = new List<byte[]>
        {
            Request(traceroute, [], Here, One, Here, Other, PathType.Empty, []),
            Request(Echo(1, 2) with { Type = ScmpType.EchoReply }, [], Here, One, Here, Other, PathType.Empty, []),
            Request(Echo(1, 2) with { Code = 1 }, [], Here, One, Here, Other, PathType.Empty, []),
            Request(Echo(1, 2), [], Here, service, Here, Other, PathType.Empty, []),
            Request(Echo(1, 2), [], Here, nowhere, Here, Other, PathType.Empty, []),
            Request(Echo(1, 2), [], Here, One, Here, Other, PathType.OneHop, new byte[32]),
        };
        var wrongChecksum = good.ToArray();
        wrongChecksum[^1] ^= 1;
        bad.Add(wrongChecksum);
        var reply = new byte[2000];
        ScionEchoResponder.TryAnswer(good, reply, out _).Should().BeTrue();
        foreach (var packet in bad)
            ScionEchoResponder.TryAnswer(packet, reply, out _).Should().BeFalse();
        ScionEchoResponder.TryAnswer(good, reply.AsSpan(0, good.Length - 1), out _).Should().BeFalse();
    }

    [Fact]
    public void Truncated_or_bent_requests_never_throw_and_the_answer_is_never_longer()
    {
        var request = Request(Echo(7, 8), "data"u8, There, One, Here, Other, PathType.Scion, ArrivedPath());
        var reply = new byte[request.Length];
        for (var length = 0; length < request.Length; length++)
            ScionEchoResponder.TryAnswer(request.AsSpan(0, length), reply, out _).Should().BeFalse();
        for (var bit = 0; bit < request.Length * 8; bit++)
        {
            var bent = request.ToArray();
            bent[bit / 8] ^= (byte)(1 << bit % 8);
            if (ScionEchoResponder.TryAnswer(bent, reply, out var replyLength))
                replyLength.Should().BeLessThanOrEqualTo(bent.Length);
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Responder_answers_the_sender_for_any_as(string address)
    {
        if (address == "::1" && !System.Net.Sockets.Socket.OSSupportsIPv6)
            return;
        using var responder = Start(IPAddress.Parse(address), isdAses: null, out var underlay);
        using var client = new ScionSocket(Here, new UdpUnderlay(new IPEndPoint(IPAddress.Parse(address), 0)));
        var host = client.LocalEndPoint.Host;
        foreach (var isdAs in new[] { Here, There })
        {
            var echo = Echo(client.LocalEndPoint.Port, 3);
            var request = Request(echo, "x"u8, Here, host, isdAs, host, PathType.Empty, []);
            client.SendPacket(request, underlay);
            client.Wait(LongEnough).Should().BeTrue();
            client.TryReceive(out var reply).Should().BeTrue();
            (reply.Scmp.Type, reply.Scmp.Sequence).Should().Be((ScmpType.EchoReply, (ushort)3));
            reply.Source.IsdAs.Should().Be(isdAs);
        }
        responder.Dispose();
        responder.AnsweredCount.Should().Be(2);
    }

    [Fact]
    public void Responder_drops_what_is_for_another_as_or_host_and_what_is_no_packet()
    {
        using var responder = Start(IPAddress.Loopback, [Here], out var underlay);
        using var client = new ScionSocket(Here, new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0)));
        var host = client.LocalEndPoint.Host;
        var echo = Echo(client.LocalEndPoint.Port, 3);
        client.SendPacket(Request(echo, [], Here, host, There, host, PathType.Empty, []), underlay);
        client.SendPacket(Request(echo, [], Here, host, Here, One, PathType.Empty, []), underlay);
        client.SendPacket([1, 2, 3], underlay);
        client.SendPacket([], underlay);
        client.SendPacket(Request(echo, [], Here, host, Here, host, PathType.Empty, []), underlay);
        client.Wait(LongEnough).Should().BeTrue();
        client.TryReceive(out _).Should().BeTrue();
        responder.Dispose();
        (responder.AnsweredCount, responder.DroppedCount).Should().Be((1, 4));
    }

    private static ScionEchoResponder Start(
        IPAddress address, IEnumerable<IsdAs>? isdAses, out UdpAddress underlayAddress)
    {
        var underlay = new UdpUnderlay(new IPEndPoint(address, 0));
        underlayAddress = underlay.LocalEndPoint;
        return new ScionEchoResponder(underlay, isdAses);
    }

    private static ScmpMessage Echo(ushort identifier, ushort sequence) =>
        new(ScmpType.EchoRequest, 0) { Identifier = identifier, Sequence = sequence };

    private static byte[] Request(
        ScmpMessage message,
        ReadOnlySpan<byte> data,
        IsdAs sourceIsdAs,
        ScionHost source,
        IsdAs destinationIsdAs,
        ScionHost destination,
        PathType type,
        byte[] path)
    {
        var header = new ScionHeader(
            destinationIsdAs, destination, sourceIsdAs, source, type, L4Protocol.Scmp, TrafficClass: 0xba, FlowId: 5);
        var packet = new byte[1500];
        ScionPacketWriter.TryWriteScmp(packet, header, path, message, data, out var length).Should().BeTrue();
        return packet[..length];
    }

    private static byte[] ArrivedPath()
    {
        var path = PathHeader.Encode(
            [2],
            [new InfoField(false, true, 1, 1_700_000_000)],
            [new HopField(false, false, 63, 0, 1, Mac: 2), new HopField(false, false, 63, 1, 0, Mac: 3)]);
        PathHeader.TryRead(path, out var header, out _).Should().BeTrue();
        header.At(1).Write(path);
        return path;
    }
}
