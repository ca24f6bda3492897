namespace MqttScion.Quic.Tests;

public class HandshakeMessageReaderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(5000)]
    public void TryRead_of_any_fragments_gives_the_messages(int fragmentLength)
    {
        byte[][] sent = [Message(1, 0), Message(2, 1), Message(3, 600), Message(4, 3000)];
        var reader = new HandshakeMessageReader();
        var read = new List<byte[]>();
        foreach (var fragment in sent.SelectMany(m => m).Chunk(fragmentLength))
        {
            ReadOnlySpan<byte> data = fragment;
            while (reader.TryRead(ref data, out var message))
            {
                read.Add(message.ToArray());
            }

            data.Length.Should().Be(0);
        }

        read.Should().BeEquivalentTo(sent, options => options.WithStrictOrdering());
        reader.IsTooLong.Should().BeFalse();
    }

    [Fact]
    public void TryRead_at_the_bound_gives_the_message_and_one_byte_more_does_not()
    {
        const int MaxBody = HandshakeMessageReader.MaxMessageLength - 4;

        TryRead(Message(11, MaxBody), out var isTooLong).Should().BeTrue();
        isTooLong.Should().BeFalse();
        TryRead(Message(11, MaxBody + 1), out isTooLong).Should().BeFalse();
        isTooLong.Should().BeTrue();
    }

    [Fact]
    public void TryRead_after_a_message_that_is_too_long_takes_nothing()
    {
        var reader = new HandshakeMessageReader();
        ReadOnlySpan<byte> tooLong = [11, 0xff, 0, 0];
        reader.TryRead(ref tooLong, out _).Should().BeFalse();
        ReadOnlySpan<byte> next = Message(1, 3);

        reader.TryRead(ref next, out _).Should().BeFalse();

        next.Length.Should().Be(7);
    }

    private static bool TryRead(byte[] bytes, out bool isTooLong)
    {
        var reader = new HandshakeMessageReader();
        ReadOnlySpan<byte> data = bytes;
        var isRead = reader.TryRead(ref data, out _);
        isTooLong = reader.IsTooLong;
        return isRead;
    }

    private static byte[] Message(byte type, int bodyLength) =>
    [
        type,
        (byte)(bodyLength >> 16),
        (byte)(bodyLength >> 8),
        (byte)bodyLength,
        .. Enumerable.Range(0, bodyLength).Select(i => (byte)i),
    ];
}
