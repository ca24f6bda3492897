using System.Net;
using MqttScion.Udp;

namespace MqttScion.Scion.Tests;

/// <summary>A socket behind a NAT, and the border router that sees another address of it.</summary>
public sealed class ScionSocketStunTests : IDisposable
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);
    private static readonly IsdAs Here = IsdAs.Parse("1-ff00:0:110");
    private static readonly ScionEndPoint Remote = ScionEndPoint.Parse("[2-ff00:0:210,10.0.0.9]:443");
    private static readonly IPEndPoint Mapped = IPEndPoint.Parse("192.0.2.7:40000");

    private readonly ScionSocket _socket = new(Here, new UdpUnderlay(new IPEndPoint(IPAddress.Loopback, 0)));
    private readonly BatchedUdpSocket _router = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly byte[] _buffer = new byte[2000];

    private UdpAddress SocketAddress => _socket.LocalEndPoint.TryGetUdpAddress(out var address) ? address : default;

    private ScionEndPoint MappedSource =>
        new(Here, ScionHost.FromIPAddress(Mapped.Address), (ushort)Mapped.Port);

    public void Dispose()
    {
        _socket.Dispose();
        _router.Dispose();
    }

    [Fact]
    public void Flight_to_another_as_carries_the_mapped_source_and_a_right_checksum()
    {
        Map();
        var template = new HeaderTemplate(_socket.LocalEndPoint, Remote, PathType.Scion, TwoHopPath());
        var asMapped = new HeaderTemplate(MappedSource, Remote, PathType.Scion, TwoHopPath());
        var segmentSize = template.Length + 3;
        var flight = new byte[3 * segmentSize - 2];
        new Random(1).NextBytes(flight);
        var expected = flight.ToArray();
        _socket.Send(flight, segmentSize, template, _router.LocalEndPoint, out var sent)
            .Should().Be(UdpSendResult.Sent);
        sent.Should().Be(3);
        for (var offset = 0; offset < expected.Length; offset += segmentSize)
        {
            var segment = expected.AsSpan(offset, Math.Min(segmentSize, expected.Length - offset));
            asMapped.Stamp(segment);
            AtRouter().Should().Equal(segment.ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Request_to_another_as_carries_the_mapped_source_and_its_answer_is_known(bool isRefused)
    {
        Map();
        var path = new ScionPath(
            TwoHopPath(),
            [new PathInterface(Here, 1), new PathInterface(Remote.IsdAs, 1)],
            1400,
            DateTimeOffset.MaxValue,
            _router.LocalEndPoint);
        var exchanges = new ScmpExchanges<string>(_socket.LocalEndPoint, new Random(1));
        var request = ScmpRequest.Echo(path, Remote.Host, payloadLength: 9);
        exchanges.TryStart(_buffer, request, "a", TimeSpan.Zero, LongEnough, out var length, out _).Should().BeTrue();

        _socket.SendPacket(_buffer.AsSpan(0, length), _router.LocalEndPoint).Should().Be(UdpSendResult.Sent);

        var sent = AtRouter();
        ScionPacketReader.TryRead(sent, out var packet, out _).Should().BeTrue();
        packet.SourceHost.Should().Be(MappedSource.Host);
        ScionChecksum.IsValid(packet.AddressHeader, packet.Protocol, packet.UpperLayer).Should().BeTrue();
        ScmpMessage.TryRead(packet.UpperLayer, out var message, out var data, out _).Should().BeTrue();
        message.Identifier.Should().Be(MappedSource.Port);

        SendFromRouter(isRefused
            ? ScmpTo(MappedSource, new ScmpMessage(ScmpType.DestinationUnreachable, 0), sent)
            : ScmpTo(MappedSource, message with { Type = ScmpType.EchoReply }, data.ToArray()));
        _socket.Wait(LongEnough).Should().BeTrue();
        _socket.TryReceive(out var answer).Should().BeTrue();
        exchanges.TryReceive(answer, TimeSpan.Zero, out _, out _).Should().BeTrue();
    }

    [Fact]
    public void Packets_within_the_as_or_by_another_router_keep_the_bound_source()
    {
        Map();
        using var other = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.SourceTowards(Remote.IsdAs, _router.LocalEndPoint).Should().Be(MappedSource);
        _socket.SourceTowards(Remote.IsdAs, other.LocalEndPoint).Should().Be(_socket.LocalEndPoint);
        _socket.SourceTowards(Here, _router.LocalEndPoint).Should().Be(_socket.LocalEndPoint);
        var template = new HeaderTemplate(_socket.LocalEndPoint, Remote with { IsdAs = Here }, PathType.Empty, []);
        var segment = new byte[template.Length];
        _socket.Send(segment, template, _router.LocalEndPoint);
        ScionPacketReader.TryRead(AtRouter(), out var packet, out _).Should().BeTrue();
        packet.SourceHost.Should().Be(_socket.LocalEndPoint.Host);
    }

    [Fact]
    public void Packets_to_the_mapped_address_and_errors_that_quote_it_are_taken()
    {
        SendFromRouter(Udp(MappedSource)); // Before the mapping is asked for: not ours.
        _socket.Wait(LongEnough);
        _socket.TryReceive(out _).Should().BeFalse();
        _socket.DropCount(ScionDropReason.NotForUs).Should().Be(1);
        Map();
        SendFromRouter(Udp(MappedSource));
        SendFromRouter(Udp(_socket.LocalEndPoint));
        SendFromRouter(ScmpTo(MappedSource, new ScmpMessage(ScmpType.ExternalInterfaceDown, 0), Quote(MappedSource)));
        SendFromRouter(ScmpTo(
            MappedSource, new ScmpMessage(ScmpType.EchoReply, 0) { Identifier = (ushort)Mapped.Port }, []));
        for (var i = 0; i < 4; i++)
        {
            _socket.Wait(LongEnough).Should().BeTrue();
            _socket.TryReceive(out var datagram).Should().BeTrue();
            datagram.IsScmp.Should().Be(i > 1);
        }
        var foreign = MappedSource with { Port = 1 };
        SendFromRouter(ScmpTo(MappedSource, new ScmpMessage(ScmpType.ExternalInterfaceDown, 0), Quote(foreign)));
        _socket.Wait(LongEnough);
        _socket.TryReceive(out _).Should().BeFalse();
        _socket.DropCount(ScionDropReason.UnrelatedScmp).Should().Be(1);
    }

    [Fact]
    public void Response_of_a_stranger_is_dropped()
    {
        _socket.UseStun(_router.LocalEndPoint).Should().BeTrue();
        _socket.OnTimeout(TimeSpan.Zero);
        StunMessage.TryReadRequest(AtRouter(), out var id).Should().BeTrue();
        using var stranger = new BatchedUdpSocket(new IPEndPoint(IPAddress.Loopback, 0));
        stranger.Send(Response(id), SocketAddress);
        _socket.Wait(LongEnough);
        _socket.TryReceive(out _).Should().BeFalse();
        _socket.DropCount(ScionDropReason.Malformed).Should().Be(1);
        _socket.SourceTowards(Remote.IsdAs, _router.LocalEndPoint).Should().Be(_socket.LocalEndPoint);
    }

    [Fact]
    public void Number_of_routers_is_bounded_and_no_router_means_no_timer()
    {
        _socket.NextTimeout.Should().BeNull();
        for (var port = 1; port <= 64; port++)
            _socket.UseStun(new IPEndPoint(IPAddress.Loopback, port)).Should().BeTrue();
        _socket.UseStun(new IPEndPoint(IPAddress.Loopback, 1)).Should().BeTrue();
        _socket.UseStun(new IPEndPoint(IPAddress.Loopback, 65)).Should().BeFalse();
        _socket.NextTimeout.Should().Be(TimeSpan.Zero);
    }

    private void Map()
    {
        _socket.UseStun(_router.LocalEndPoint).Should().BeTrue();
        _socket.OnTimeout(_socket.NextTimeout!.Value);
        StunMessage.TryReadRequest(AtRouter(), out var id).Should().BeTrue();
        SendFromRouter(Response(id));
        _socket.Wait(LongEnough).Should().BeTrue();
        _socket.TryReceive(out _).Should().BeFalse();
        _socket.DropCount(ScionDropReason.Malformed).Should().Be(0);
        _socket.NextTimeout.Should().Be(StunMapping.RefreshInterval);
    }

    private static byte[] Response(StunTransactionId id)
    {
        var message = new byte[StunMessage.MaxResponseLength];
        return message[..StunMessage.WriteResponse(message, id, Mapped)];
    }

    private void SendFromRouter(byte[] packet) => _router.Send(packet, SocketAddress).Should().Be(UdpSendResult.Sent);

    private byte[] AtRouter()
    {
        _router.Wait(LongEnough).Should().BeTrue();
        _router.TryReceive(_buffer, out _, out var length, out _).Should().BeTrue();
        return _buffer[..length];
    }

    private static byte[] Udp(ScionEndPoint destination) => Stamped(new HeaderTemplate(
        Remote, destination, PathType.Scion, TwoHopPath()));

    private static byte[] Quote(ScionEndPoint source) => Stamped(new HeaderTemplate(
        source, Remote, PathType.Scion, TwoHopPath()));

    private static byte[] Stamped(HeaderTemplate template)
    {
        var packet = new byte[template.Length + 2];
        template.Stamp(packet);
        return packet;
    }

    private static byte[] ScmpTo(ScionEndPoint destination, ScmpMessage message, byte[] data)
    {
        var header = new ScionHeader(
            destination.IsdAs, destination.Host, Remote.IsdAs, Remote.Host, PathType.Scion, L4Protocol.Scmp);
        var packet = new byte[1500];
        ScionPacketWriter.TryWriteScmp(packet, header, TwoHopPath(), message, data, out var length).Should().BeTrue();
        return packet[..length];
    }

    private static byte[] TwoHopPath() => PathHeader.Encode(
        [2],
        [new InfoField(false, true, 1, 1_700_000_000)],
        [new HopField(false, false, 63, 0, 1, Mac: 2), new HopField(false, false, 63, 1, 0, Mac: 3)]);
}
