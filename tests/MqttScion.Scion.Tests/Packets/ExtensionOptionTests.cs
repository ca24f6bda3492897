namespace MqttScion.Scion.Tests;

public class ExtensionOptionTests
{
    [Fact]
    public void Options_that_are_written_are_read_back()
    {
        var random = new Random(5);
        var bytes = new byte[1200];
        for (var round = 0; round < 2000; round++)
        {
            var writer = new ExtensionWriter(bytes);
            var written = new List<(byte Type, string Data, int Alignment, int Remainder)>();
            for (var i = random.Next(8); i > 0; i--)
            {
                var data = new byte[random.Next(random.Next(2) == 0 ? 10 : 256)];
                random.NextBytes(data);
                var (type, alignment) = ((byte)random.Next(2, 256), 1 << random.Next(4));
                var remainder = random.Next(alignment);
                if (writer.TryAdd(type, data, alignment, remainder))
                    written.Add((type, Convert.ToHexStringLower(data), alignment, remainder));
            }
            writer.TryFinish(L4Protocol.Udp, out var length).Should().BeTrue();
            (length % 4).Should().Be(0);
            var packet = PacketBuilder.WithPayload(L4Protocol.HopByHop, bytes.AsSpan(0, length));
            ScionPacketReader.TryRead(packet, out var reader, out var error).Should().BeTrue(error.Message);
            reader.HopByHop.Length.Should().Be(length);
            var next = 0;
            foreach (var option in reader.HopByHopOptions)
            {
                if (option.IsPadding)
                    continue;
                var expected = written[next++];
                (option.Type, Convert.ToHexStringLower(option.Data)).Should().Be((expected.Type, expected.Data));
                (option.Offset % expected.Alignment).Should().Be(expected.Remainder);
            }
            next.Should().Be(written.Count);
        }
    }

    [Fact]
    public void Option_that_does_not_fit_is_refused_and_writes_nothing()
    {
        var bytes = new byte[11];
        var writer = new ExtensionWriter(bytes);
        writer.TryAdd(7, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }).Should().BeFalse();
        bytes.Should().OnlyContain(b => b == 0);
        writer.TryAdd(7, new byte[] { 1, 2, 3, 4, 5, 6 }).Should().BeTrue();
        writer.TryFinish(L4Protocol.Udp, out _).Should().BeFalse(); // ten bytes, and no room to fill up to twelve
    }

    [Fact]
    public void Longest_extension_has_1024_bytes()
    {
        var bytes = new byte[2000];
        var writer = new ExtensionWriter(bytes);
        for (var i = 0; i < 3; i++)
            writer.TryAdd(7, new byte[255]).Should().BeTrue();
        writer.TryAdd(7, new byte[250]).Should().BeFalse();
        writer.TryAdd(7, new byte[249]).Should().BeTrue();
        writer.TryFinish(L4Protocol.Udp, out var length).Should().BeTrue();
        (length, bytes[1]).Should().Be((1024, (byte)255));
    }

    [Fact]
    public void Authenticator_that_is_too_short_is_not_one()
    {
        var bytes = new byte[100];
        var writer = new ExtensionWriter(bytes);
        writer.TryAdd(ExtensionOption.Authenticator, new byte[11]).Should().BeTrue();
        writer.TryFinish(L4Protocol.Udp, out var length).Should().BeTrue();
        var packet = PacketBuilder.WithPayload(L4Protocol.EndToEnd, bytes.AsSpan(0, length));
        ScionPacketReader.TryRead(packet, out var reader, out _).Should().BeTrue();
        reader.TryGetAuthenticator(out _).Should().BeFalse();
    }

    [Fact]
    public void Types_of_padding_cannot_be_added()
    {
        var act = () => new ExtensionWriter(new byte[100]).TryAdd(ExtensionOption.PadN, [1, 2]);
        act.Should().Throw<ArgumentOutOfRangeException>();
    }
}
