namespace MqttScion.Quic.Tests;

public class PacketCodecTests
{
    // RFC 9001 Appendix A.2: the unprotected header of the client's Initial, up to the packet number.
    private const string InitialHeader = "c300000001088394c8f03e5157080000449e";

    [Theory]
    [InlineData("c2197c5eff14e88c", 151_288_809_941_952_652UL)]
    [InlineData("9d7f3e7d", 494_878_333UL)]
    [InlineData("7bbd", 15_293UL)]
    [InlineData("25", 37UL)]
    [InlineData("4025", 37UL)]
    public void VarInt_of_RFC_9000_Appendix_A_1_reads_as_given(string hex, ulong expected)
    {
        var bytes = Convert.FromHexString(hex);

        VarInt.TryRead(bytes, out var value, out var length).Should().BeTrue();
        value.Should().Be(expected);
        length.Should().Be(bytes.Length);
        VarInt.TryRead(bytes.AsSpan(0, bytes.Length - 1), out _, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(0UL, 1)]
    [InlineData(63UL, 1)]
    [InlineData(64UL, 2)]
    [InlineData(16_383UL, 2)]
    [InlineData(16_384UL, 4)]
    [InlineData((1UL << 30) - 1, 4)]
    [InlineData(1UL << 30, 8)]
    [InlineData(VarInt.MaxValue, 8)]
    public void VarInt_that_was_written_reads_back(ulong value, int length)
    {
        var bytes = new byte[8];

        VarInt.Write(bytes, value).Should().Be(length);
        VarInt.TryRead(bytes, out var read, out _).Should().BeTrue();
        read.Should().Be(value);
    }

    [Fact]
    public void PacketNumber_of_RFC_9000_Appendix_A_encodes_and_decodes_as_given()
    {
        PacketNumber.Decode(0xa82f30ea, 0x9b32, 2).Should().Be(0xa82f9b32);
        PacketNumber.EncodedLength(0xac5c02, 0xabe8b3).Should().Be(2);
        PacketNumber.EncodedLength(0xace8fe, 0xabe8b3).Should().Be(3);
    }

    [Fact]
    public void PacketNumber_that_was_written_decodes_for_each_length()
    {
        var random = new Random(1);
        Span<byte> bytes = stackalloc byte[PacketNumber.MaxLength];
        for (var round = 0; round < 10_000; round++)
        {
            var acknowledged = random.NextInt64(-1, 1L << 40);
            var number = acknowledged + 1 + random.NextInt64(0, 1L << random.Next(1, 30));
            var largestReceived = random.NextInt64(Math.Max(-1, acknowledged), number);
            var length = PacketNumber.EncodedLength(number, acknowledged);
            PacketNumber.Write(bytes, number, length);

            var truncated = PacketNumber.ReadTruncated(bytes[..length]);
            PacketNumber.Decode(largestReceived, truncated, length).Should().Be(number);
        }
    }

    [Fact]
    public void PacketHeader_of_RFC_9001_Appendix_A_2_reads_as_given()
    {
        var datagram = new byte[1200];
        Convert.FromHexString(InitialHeader).CopyTo(datagram, 0);

        PacketHeader.TryRead(datagram, 8, out var header).Should().BeTrue();

        header.Type.Should().Be(PacketType.Initial);
        Convert.ToHexStringLower(header.DestinationId).Should().Be("8394c8f03e515708");
        header.SourceId.Length.Should().Be(0);
        header.Token.Length.Should().Be(0);
        header.PacketNumberOffset.Should().Be(18);
        header.PacketLength.Should().Be(1200);
    }

    [Fact]
    public void PacketHeader_that_is_cut_off_or_random_is_refused_without_a_throw()
    {
        var datagram = new byte[1200];
        Convert.FromHexString(InitialHeader).CopyTo(datagram, 0);
        for (var length = 0; length < datagram.Length; length++)
            PacketHeader.TryRead(datagram.AsSpan(0, length), 8, out _).Should().BeFalse();
        var random = new Random(2);
        for (var round = 0; round < 100_000; round++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            if (PacketHeader.TryRead(bytes, 8, out var header))
                header.PacketLength.Should().BeInRange(1, bytes.Length);
        }
    }

    [Fact]
    public void DatagramBuilder_seals_what_the_peers_keys_open_as_in_RFC_9001_Appendix_A_2()
    {
        // The first bytes of the protected packet in the appendix.
        const string expected = "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9b";
        const string crypto =
            "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c000004130113" +
            "02010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018001000070005" +
            "04616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce1" +
            "5d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c0002400100" +
            "3900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806" +
            "048000ffff";
        Span<byte> client = stackalloc byte[32];
        Span<byte> server = stackalloc byte[32];
        KeySchedule.InitialSecrets(Convert.FromHexString("8394c8f03e515708"), client, server);
        using var space = new PacketSpace(SpaceId.Initial)
        {
            WriteProtector = new BclPacketProtectorFactory().Create(KeySchedule.InitialSuite, client),
        };
        var datagram = new byte[1200];
        var builder = new DatagramBuilder(datagram);
        Convert.FromHexString(InitialHeader).CopyTo(builder.Free);

        builder.Begin(space, headerLength: 18, number: 2, numberLength: 4, isLong: true);
        builder.Writer.WriteBytes(Convert.FromHexString(crypto));
        builder.Commit();
        builder.PadTo(1200);
        builder.Seal(0);

        Convert.ToHexStringLower(datagram).Should().StartWith(expected);
    }
}
