namespace MqttScion.Scion.Tests;

/// <summary>What is written is read back; random, but from fixed seeds.</summary>
public class PacketRoundTripTests
{
    private const int Rounds = 500;

    [Fact]
    public void Stamped_datagram_is_read_back_with_a_right_checksum()
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var (source, destination, path) = (EndPoint(random), EndPoint(random), Path(random));
            var type = path.Length == 0 ? PathType.Empty : PathType.Scion;
            var template = new HeaderTemplate(
                source, destination, type, path, (byte)random.Next(256), (uint)random.Next(1 << 20));
            var segment = new byte[template.Length + random.Next(1500)];
            random.NextBytes(segment);
            var payload = segment[template.Length..];
            template.Stamp(segment);

            ScionPacketReader.TryRead(segment, out var reader, out var error).Should().BeTrue(error.Message);
            (reader.DestinationIsdAs, reader.SourceIsdAs).Should().Be((destination.IsdAs, source.IsdAs));
            reader.DestinationHost.Should().Be(destination.Host.ToWireForm());
            reader.SourceHost.Should().Be(source.Host.ToWireForm());
            (reader.PathType, reader.Protocol).Should().Be((type, L4Protocol.Udp));
            reader.RawPath.SequenceEqual(path).Should().BeTrue();
            ScionUdpHeader.TryRead(reader.UpperLayer, out var udp, out var payloadLength, out _).Should().BeTrue();
            (udp.SourcePort, udp.DestinationPort).Should().Be((source.Port, destination.Port));
            payloadLength.Should().Be(payload.Length);
            reader.UpperLayer[ScionUdpHeader.Length..].SequenceEqual(payload).Should().BeTrue();
            ScionChecksum.IsValid(reader.AddressHeader, L4Protocol.Udp, reader.UpperLayer).Should().BeTrue();
        }
    }

    [Fact]
    public void Scmp_error_stays_within_its_limit_and_keeps_the_start_of_its_quote()
    {
        var random = new Random(2);
        var packet = new byte[4000];
        for (var round = 0; round < Rounds; round++)
        {
            var (source, destination, path) = (EndPoint(random), EndPoint(random), Path(random));
            var header = new ScionHeader(
                destination.IsdAs, destination.Host, source.IsdAs, source.Host, PathType.Scion, L4Protocol.Scmp);
            if (path.Length == 0)
                continue;
            var quote = new byte[random.Next(2000)];
            random.NextBytes(quote);
            var message = new ScmpMessage(ScmpType.InternalConnectivityDown, 0) { Interface = 5, Egress = 7 };
            ScionPacketWriter.TryWriteScmp(packet, header, path, message, quote, out var length).Should().BeTrue();

            length.Should().BeLessThanOrEqualTo(ScmpMessage.MaxErrorPacketLength);
            ScionPacketReader.TryRead(packet.AsSpan(0, length), out var reader, out _).Should().BeTrue();
            ScionChecksum.IsValid(reader.AddressHeader, L4Protocol.Scmp, reader.UpperLayer).Should().BeTrue();
            ScmpMessage.TryRead(reader.UpperLayer, out var read, out var data, out _).Should().BeTrue();
            read.Should().Be(message);
            quote.AsSpan().StartsWith(data).Should().BeTrue();
            (data.Length == quote.Length || length == ScmpMessage.MaxErrorPacketLength).Should().BeTrue();
        }
    }

    [Fact]
    public void Epic_path_reverses_to_a_standard_path()
    {
        var path = PathHeader.Encode(
            [2],
            [new InfoField(false, true, 1, 2)],
            [new HopField(1, 0, 2, new byte[6]), new HopField(1, 3, 0, new byte[6])]);
        var epic = new byte[EpicFields.Length + path.Length];
        path.CopyTo(epic, EpicFields.Length);
        var (reversed, expected) = (new byte[epic.Length], new byte[path.Length]);
        PathReversal.TryReverse(PathType.Epic, epic, reversed, out var type, out var length).Should().BeTrue();
        PathReversal.TryReverse(path, expected).Should().BeTrue();
        (type, length).Should().Be((PathType.Scion, path.Length));
        reversed[..length].Should().Equal(expected);
    }

    [Fact]
    public void Paths_that_cannot_be_reversed_are_refused()
    {
        var room = new byte[200];
        PathReversal.TryReverse([], room).Should().BeTrue();
        PathReversal.TryReverse(new byte[4], room).Should().BeFalse(); // a standard path without hops
        PathReversal.TryReverse(PathType.OneHop, new byte[32], room, out _, out _).Should().BeFalse();
        PathReversal.TryReverse(PathType.Epic, new byte[3], room, out _, out _).Should().BeFalse();
        PathReversal.TryReverse(PathType.Empty, new byte[3], room, out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Header_of_more_than_1020_bytes_is_refused()
    {
        var endPoint = ScionEndPoint.Parse("[1-1,::1]:1");
        var longest = ScionPacketReader.MaxHeaderLength - 28 - 32;
        new HeaderTemplate(endPoint, endPoint, PathType.Scion, new byte[longest]).Length.Should().Be(1020 + 8);
        foreach (var length in new[] { longest + 1, longest + 4, 13 })
        {
            var act = () => new HeaderTemplate(endPoint, endPoint, PathType.Scion, new byte[length]);
            act.Should().Throw<ArgumentException>().WithMessage("*at most 1020 bytes*");
        }
    }

    [Fact]
    public void Error_message_says_where_what_was_expected_and_what_came()
    {
        ScionPacketReader.TryRead([0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], out _, out var error).Should().BeFalse();
        error.Message.Should().Be("at byte 0: expected SCION version 0, got 1");
        ScionPacketReader.TryRead([1, 2, 3], out _, out error).Should().BeFalse();
        error.Message.Should().Be("at byte 0: expected 12 bytes, got 3");
        foreach (var kind in Enum.GetValues<ScionParseErrorKind>())
            new ScionParseError(kind, 1, 2, 3).Message.Should().NotContain(kind == 0 ? "?" : $": {kind}");
    }

    private static ScionEndPoint EndPoint(Random random)
    {
        var bytes = new byte[random.Next(2) == 0 ? 4 : 16];
        random.NextBytes(bytes);
        var host = ScionHost.FromWire(bytes.Length == 4 ? 0 : 3, bytes);
        return new ScionEndPoint(new IsdAs((ulong)random.NextInt64()), host, (ushort)random.Next(65536));
    }

    private static byte[] Path(Random random)
    {
        var lengths = Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(2, 8)).ToArray();
        if (lengths.Length == 0)
            return [];
        var mac = new byte[6];
        random.NextBytes(mac);
        var infoFields = lengths.Select(_ => new InfoField(false, random.Next(2) == 0, 7, 8)).ToArray();
        var hopFields = Enumerable.Range(0, lengths.Sum()).Select(i => new HopField(9, (ushort)i, 1, mac)).ToArray();
        return PathHeader.Encode(lengths, infoFields, hopFields);
    }
}
