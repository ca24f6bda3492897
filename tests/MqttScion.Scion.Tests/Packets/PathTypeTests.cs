namespace MqttScion.Scion.Tests;

/// <summary>Path types other than the standard one, through the reader.</summary>
public class PathTypeTests
{
    private static readonly byte[] StandardPath = PathHeader.Encode(
        [2],
        [new InfoField(false, true, 1, 2)],
        [new HopField(1, 0, 2, new byte[6]), new HopField(1, 3, 0, new byte[6])]);

    [Fact]
    public void Epic_fields_and_standard_path_are_read()
    {
        var fields = new EpicFields(0x01020304, 0x05060708, 0x090a0b0c, 0x0d0e0f10);
        var path = new byte[EpicFields.Length + StandardPath.Length];
        fields.Write(path);
        Convert.ToHexStringLower(path, 0, 16).Should().Be("0102030405060708090a0b0c0d0e0f10");
        StandardPath.CopyTo(path, EpicFields.Length);
        var reader = Read(PathType.Epic, path);

        reader.TryGetEpicFields(out var read).Should().BeTrue();
        read.Should().Be(fields);
        reader.StandardPath.SequenceEqual(StandardPath).Should().BeTrue();
        reader.TryGetOneHopPath(out _).Should().BeFalse();
    }

    [Fact]
    public void One_hop_path_is_read()
    {
        var path = new OneHopPath(
            new InfoField(false, true, 7, 8),
            new HopField(63, 0, 2, [1, 2, 3, 4, 5, 6]),
            new HopField(9, 5, 0, [6, 5, 4, 3, 2, 1]));
        var bytes = new byte[OneHopPath.Length];
        path.Write(bytes);
        var reader = Read(PathType.OneHop, bytes);

        reader.TryGetOneHopPath(out var read).Should().BeTrue();
        read.Should().Be(path);
        reader.StandardPath.IsEmpty.Should().BeTrue();
        reader.TryGetEpicFields(out _).Should().BeFalse();
    }

    [Fact]
    public void Empty_and_standard_paths_have_no_other_fields()
    {
        Read(PathType.Scion, StandardPath).StandardPath.SequenceEqual(StandardPath).Should().BeTrue();
        Read(PathType.Empty, []).StandardPath.IsEmpty.Should().BeTrue();
        Read(PathType.Empty, []).TryGetOneHopPath(out _).Should().BeFalse();
        Read(PathType.Scion, StandardPath).TryGetEpicFields(out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(PathType.Empty, 4, ScionParseErrorKind.PathLength)]
    [InlineData(PathType.OneHop, 28, ScionParseErrorKind.PathLength)]
    [InlineData(PathType.OneHop, 36, ScionParseErrorKind.PathLength)]
    [InlineData(PathType.Epic, 12, ScionParseErrorKind.PathLength)]
    [InlineData(PathType.Epic, 16, ScionParseErrorKind.Truncated)]
    [InlineData(PathType.Scion, 0, ScionParseErrorKind.Truncated)]
    [InlineData(PathType.Scion, 8, ScionParseErrorKind.PathLength)]
    [InlineData(PathType.Colibri, 8, ScionParseErrorKind.UnknownPathType)]
    public void Path_of_the_wrong_length_is_refused(PathType type, int length, ScionParseErrorKind expected)
    {
        var packet = PacketBuilder.Build(PacketBuilder.Header with { PathType = type }, new byte[length], []);
        ScionPacketReader.TryRead(packet, out _, out var error).Should().BeFalse();
        error.Kind.Should().Be(expected);
    }

    [Theory]
    [InlineData(8, 4)]
    [InlineData(1, 8)]
    [InlineData(14, 12)]
    [InlineData(7, 16)]
    public void Hosts_of_unknown_types_are_carried_as_they_are(int type, int length)
    {
        var bytes = Enumerable.Range(1, length).Select(i => (byte)i).ToArray();
        var host = ScionHost.FromWire(type, bytes);
        var header = PacketBuilder.Header with { SourceHost = host, DestinationHost = host };
        var packet = PacketBuilder.Build(header, [], [1, 2, 3]);
        ScionPacketReader.TryRead(packet, out var reader, out _).Should().BeTrue();
        (reader.SourceHost, reader.DestinationHost).Should().Be((host, host));
        reader.RawDestinationHost.SequenceEqual(bytes).Should().BeTrue();
        reader.UpperLayer.SequenceEqual((ReadOnlySpan<byte>)[1, 2, 3]).Should().BeTrue();
    }

    private static ScionPacketReader Read(PathType type, ReadOnlySpan<byte> path)
    {
        var packet = PacketBuilder.Build(PacketBuilder.Header with { PathType = type }, path, []);
        ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue(error.Message);
        return reader;
    }
}
