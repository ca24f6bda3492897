namespace MqttScion.Quic.Tests;

public class FrameReaderTests
{
    private static readonly string[] Frames =
    [
        "01", // PING
        "0205000002", // ACK of 3 to 5
        "021900020200030101", // ACK of three ranges
        "0305000002010203", // ACK with ECN counts
        "04040709", // RESET_STREAM
        "050407", // STOP_SENDING
        "060403616263", // CRYPTO
        "0702aabb", // NEW_TOKEN
        "0f040803616263", // STREAM with offset, length and end
        "0a0403616263", // STREAM with length
        "1040ff",
        "11044100",
        "1205",
        "1306",
        "1440ff",
        "15044100",
        "1605",
        "1706",
        "1801000411223344000102030405060708090a0b0c0d0e0f", // NEW_CONNECTION_ID
        "1900",
        "1a0001020304050607",
        "1b0001020304050607",
        "1c010203616263",
        "1d0103616263",
        "1e",
    ];

    public static IEnumerable<object[]> AllFrames => Frames.Select(static hex => new object[] { hex });

    [Theory]
    [MemberData(nameof(AllFrames))]
    public void TryRead_of_a_whole_frame_succeeds_and_of_its_start_fails(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Read(bytes).Should().Be(1);
        for (var length = 1; length < bytes.Length; length++)
        {
            var reader = new FrameReader(bytes.AsSpan(0, length));
            Frame frame = default;
            reader.TryRead(ref frame, out var error).Should().BeFalse();
            error.Should().Be(QuicError.FrameEncodingError);
        }
    }

    [Theory]
    [InlineData("1f")] // unknown type
    [InlineData("407f")] // unknown type of two bytes
    [InlineData("0202000003")] // first range below zero
    [InlineData("02050001010305")] // gap below zero
    [InlineData("0700")] // empty token
    [InlineData("180000001122334455667788990011223344556677")] // id without bytes
    [InlineData("1800011511")] // id of 21 bytes
    [InlineData("12d000000000000001")] // more than 2^60 streams
    [InlineData("0effffffffffffffffff0161")] // stream beyond 2^62
    public void TryRead_of_a_malformed_frame_gives_an_encoding_error(string hex)
    {
        var reader = new FrameReader(Convert.FromHexString(hex));
        Frame frame = default;

        reader.TryRead(ref frame, out var error).Should().BeFalse();
        error.Should().Be(QuicError.FrameEncodingError);
    }

    [Fact]
    public void TryRead_of_a_type_in_a_longer_encoding_is_a_protocol_violation()
    {
        var reader = new FrameReader([0x40, 0x01]);
        Frame frame = default;

        reader.TryRead(ref frame, out var error).Should().BeFalse();
        error.Should().Be(QuicError.ProtocolViolation);
    }

    [Fact]
    public void TryRead_of_random_or_flipped_bytes_never_throws()
    {
        var random = new Random(3);
        for (var round = 0; round < 50_000; round++)
        {
            var bytes = Convert.FromHexString(Frames[random.Next(Frames.Length)] + Frames[random.Next(Frames.Length)]);
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            Read(bytes).Should().BeGreaterThanOrEqualTo(0);
            random.NextBytes(bytes);
            Read(bytes).Should().BeGreaterThanOrEqualTo(0);
        }
    }

    [Fact]
    public void Ack_that_ReceivedPackets_wrote_reads_back_as_the_same_ranges()
    {
        var random = new Random(4);
        for (var round = 0; round < 500; round++)
        {
            var received = new ReceivedPackets();
            var expected = new SortedSet<long>();
            var count = random.Next(1, 60);
            for (var index = 0; index < count; index++)
            {
                var number = random.NextInt64(0, 120);
                received.Add(number, true, EcnCodepoint.NotEct, false, TimeSpan.Zero);
                expected.Add(number);
            }

            var room = new byte[1200];
            var writer = new ByteWriter(room);
            received.TryWriteAck(ref writer, TimeSpan.FromMilliseconds(8), 3).Should().BeTrue();
            var reader = new FrameReader(writer.Written);
            Frame frame = default;
            reader.TryRead(ref frame, out _).Should().BeTrue();
            frame.Value.Should().Be(1000);
            var ranges = new AckRangeReader(frame.Data, frame.Offset);
            var actual = new SortedSet<long>();
            while (ranges.TryRead(out var smallest, out var largest))
            {
                for (var number = smallest; number <= largest; number++)
                    actual.Add(number);
            }

            actual.Should().Equal(expected);
        }
    }

    private static int Read(byte[] bytes)
    {
        var reader = new FrameReader(bytes);
        var count = 0;
        while (!reader.IsAtEnd)
        {
            Frame frame = default;
            if (!reader.TryRead(ref frame, out _))
                return count;
            count++;
            if (frame.Type is not (FrameType.Ack or FrameType.AckEcn))
                continue;
            var ranges = new AckRangeReader(frame.Data, frame.Offset);
            while (ranges.TryRead(out var smallest, out var largest))
                smallest.Should().BeLessThanOrEqualTo(largest).And.BeGreaterThanOrEqualTo(0);
        }

        return count;
    }
}
