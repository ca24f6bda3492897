namespace MqttScion.Quic.Tests;

public class BufferTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void SendBuffer_to_Reassembler_in_any_order_with_losses_keeps_the_bytes(int seed)
    {
        var random = new Random(seed);
        var data = Transfer.RandomBytes(100_000, seed);
        using var buffer = new SendBuffer(20_000);
        using var reassembler = new Reassembler();
        var flight = new List<(long Offset, byte[] Bytes, bool IsFinal)>();
        var (written, received, isFinalSeen) = (0, new MemoryStream(), false);
        var chunk = new byte[5000];
        while (!buffer.IsEverythingAcknowledged || written < data.Length)
        {
            written += buffer.Write(data.AsSpan(written, Math.Min(random.Next(3000), data.Length - written)));
            if (written == data.Length)
                buffer.Finish();
            while (flight.Count < 20 &&
                buffer.TryTake(random.Next(1, 1500), 200_000, out var offset, out var length, out var end))
            {
                var bytes = new byte[length];
                buffer.CopyTo(offset, bytes);
                flight.Add((offset, bytes, end));
            }

            if (flight.Count == 0)
                continue;
            var index = random.Next(flight.Count);
            var frame = flight[index];
            flight.RemoveAt(index);
            if (random.Next(4) == 0)
            {
                buffer.OnLost(frame.Offset, frame.Bytes.Length, frame.IsFinal);
                continue;
            }

            reassembler.TryAdd(frame.Offset, frame.Bytes).Should().BeTrue();
            isFinalSeen |= frame.IsFinal;
            // Some packets are taken for lost although they arrived.
            if (random.Next(6) == 0)
                buffer.OnLost(frame.Offset, frame.Bytes.Length, frame.IsFinal);
            else
                buffer.OnAcknowledged(frame.Offset, frame.Bytes.Length, frame.IsFinal);
            var count = reassembler.Read(chunk.AsSpan(0, random.Next(chunk.Length)));
            received.Write(chunk, 0, count);
        }

        while (reassembler.Read(chunk) is > 0 and var rest)
            received.Write(chunk, 0, rest);
        received.ToArray().Should().Equal(data);
        isFinalSeen.Should().BeTrue();
    }

    /// <summary>The ring wraps where it likes: what is shown in pieces is the same as what is read.</summary>
    [Fact]
    public void Reassembler_shows_what_it_has_in_pieces()
    {
        var data = Transfer.RandomBytes(200_000, seed: 5);
        using var reassembler = new Reassembler();
        var random = new Random(5);
        var (added, taken, pieces) = (0, new MemoryStream(), 0);
        reassembler.Peek().IsEmpty.Should().BeTrue();
        while (taken.Length < data.Length)
        {
            var count = Math.Min(random.Next(1, 3000), data.Length - added);
            reassembler.TryAdd(added, data.AsSpan(added, count)).Should().BeTrue();
            added += count;
            while (reassembler.ReadableBytes > (added < data.Length ? 2000 : 0))
            {
                var piece = reassembler.Peek();
                piece.IsEmpty.Should().BeFalse();
                pieces += piece.Length < reassembler.ReadableBytes ? 1 : 0;
                piece = piece[..random.Next(1, piece.Length + 1)];
                taken.Write(piece);
                reassembler.Advance(piece.Length);
            }
        }

        taken.ToArray().Should().Equal(data);
        pieces.Should().BePositive("it wrapped");
        FluentActions.Invoking(() => reassembler.Advance(1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Reassembler_with_too_many_gaps_refuses()
    {
        using var reassembler = new Reassembler();
        var index = 0;
        while (index < 100_000 && reassembler.TryAdd(2 * index + 1, [1]))
            index++;

        index.Should().BeLessThan(5000);
    }

    [Fact]
    public void RangeSet_agrees_with_a_plain_set()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var ranges = new RangeSet();
            var plain = new HashSet<long>();
            for (var step = 0; step < 60; step++)
            {
                var start = random.NextInt64(0, 80);
                var end = start + random.NextInt64(0, 20);
                if (random.Next(3) == 0)
                {
                    ranges.Remove(start, end);
                    plain.RemoveWhere(item => item >= start && item < end);
                }
                else
                {
                    var before = plain.Count;
                    for (var item = start; item < end; item++)
                        plain.Add(item);
                    ranges.Add(start, end).Should().Be(plain.Count - before);
                }

                for (var index = 1; index < ranges.Count; index++)
                    ranges[index].Start.Should().BeGreaterThan(ranges[index - 1].End);
                for (var item = 0L; item < 110; item++)
                    ranges.Contains(item, item + 1).Should().Be(plain.Contains(item));
                var gap = ranges.FirstGap(start, 110);
                plain.Should().NotContain(gap.Start);
            }
        }
    }
}
