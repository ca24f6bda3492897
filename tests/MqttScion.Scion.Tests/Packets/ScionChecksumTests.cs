using System.Buffers.Binary;

namespace MqttScion.Scion.Tests;

/// <summary>Each width of vector gives the sum that RFC 1071 writes down; wrong on no machine.</summary>
public class ScionChecksumTests
{
    private const int MaxLength = 2048;

    [Fact]
    public void Sums_of_every_length_and_offset_are_that_of_rfc1071()
    {
        var random = new Random(3);
        var bytes = new byte[MaxLength + 64];
        Action<byte[]>[] fills = [random.NextBytes, b => b.AsSpan().Fill(0xff), b => b.AsSpan().Clear()];
        foreach (var fill in fills)
        {
            for (var length = 0; length <= MaxLength; length++)
            {
                fill(bytes);
                var offset = random.Next(64);
                Compare(bytes.AsSpan(offset, length));
                Compare(bytes.AsSpan(length % 64, length));
            }
        }
    }

    [Fact]
    public void Sums_of_sparse_and_extreme_words_are_that_of_rfc1071()
    {
        var random = new Random(4);
        byte[] extremes = [0, 1, 0x7f, 0x80, 0xfe, 0xff];
        var bytes = new byte[MaxLength];
        for (var round = 0; round < 3000; round++)
        {
            var length = random.Next(MaxLength + 1);
            var step = random.Next(1, 70);
            bytes.AsSpan().Fill(extremes[random.Next(extremes.Length)]);
            for (var i = random.Next(step); i < length; i += step)
                bytes[i] = extremes[random.Next(extremes.Length)];
            Compare(bytes.AsSpan(0, length));
        }
    }

    [Fact]
    public void Checksum_of_the_largest_upper_layer_carries_nothing_away()
    {
        var upperLayer = new byte[ushort.MaxValue];
        upperLayer.AsSpan().Fill(0xff);
        var addressHeader = new byte[48];
        addressHeader.AsSpan().Fill(0xff);
        byte[] pseudo = [.. addressHeader, 0, 0, 0xff, 0xff, 0, 0, 0, 17, .. upperLayer];
        ScionChecksum.Compute(addressHeader, L4Protocol.Udp, upperLayer).Should().Be(Rfc1071(pseudo));
    }

    private static void Compare(ReadOnlySpan<byte> bytes)
    {
        var expected = Rfc1071(bytes);
        var actual = (
            ScionChecksum.Finish(ScionChecksum.Sum(bytes)),
            ScionChecksum.Finish(ScionChecksum.Sum512(bytes)),
            ScionChecksum.Finish(ScionChecksum.Sum256(bytes)),
            ScionChecksum.Finish(ScionChecksum.Sum128(bytes)),
            ScionChecksum.Finish(ScionChecksum.SumScalar(bytes)));
        if (actual != (expected, expected, expected, expected, expected))
            Assert.Fail($"Expected {expected:x4}, got {actual} for {Convert.ToHexStringLower(bytes)}");
    }

    private static ushort Rfc1071(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length > 1; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        sum += bytes.IsEmpty ? 0 : (uint)bytes[0] << 8;
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
