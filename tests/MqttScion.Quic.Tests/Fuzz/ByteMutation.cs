using MqttScion.Scion.Tests;

namespace MqttScion.Quic.Tests;

/// <summary>Changes bytes as a fuzzer does: flips, extremes, other varints, other lengths, splices.</summary>
internal static class ByteMutation
{
    private const int MaxChanges = 3;

    private static ReadOnlySpan<byte> Extremes => [0, 1, 2, 3, 4, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff];

    /// <summary>Changes what is in the room and gives its new length.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="room">Has the bytes at its start, and room for more.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="headBytes">Up to where changes are most likely.</param>
    /// <param name="corpus">Others to take parts of.</param>
    public static int Apply(
        ref FuzzRandom random, Span<byte> room, int length, int headBytes, IReadOnlyList<byte[]> corpus)
    {
        for (var changes = 1 + random.Next(MaxChanges); changes > 0 && length > 0; changes--)
        {
            var head = Math.Min(length, headBytes);
            var offset = random.Next(random.OneIn(4) ? length : head);
            switch (random.Next(10))
            {
                case 0:
                    length = random.Next(length) + 1;
                    break;
                case 1:
                    length = Splice(ref random, room, offset, corpus[random.Next(corpus.Count)]);
                    break;
                case 2:
                    length = Move(room, length, offset, random.Next(head));
                    break;
                case 3 or 4:
                    WriteVarInt(ref random, room[offset..length]);
                    break;
                case 5:
                    room[offset] = Extremes[random.Next(Extremes.Length)];
                    break;
                case 6:
                    room[offset] = (byte)(room[offset] + random.Next(5) - 2);
                    break;
                case 7:
                    room[offset] = random.NextByte();
                    break;
                default:
                    room[offset] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return length;
    }

    private static void WriteVarInt(ref FuzzRandom random, Span<byte> room)
    {
        var bits = random.Next(63);
        var value = (1UL << bits) - 1 + (ulong)random.Next(3);
        if (value <= VarInt.MaxValue && VarInt.Length(value) <= room.Length)
            VarInt.Write(room, value);
    }

    /// <summary>From some offset on, another one.</summary>
    private static int Splice(ref FuzzRandom random, Span<byte> room, int offset, ReadOnlySpan<byte> other)
    {
        var tail = other[random.Next(other.Length)..];
        tail = tail[..Math.Min(tail.Length, room.Length - offset)];
        tail.CopyTo(room[offset..]);
        return Math.Max(1, offset + tail.Length);
    }

    /// <summary>Doubles a block, or takes it out.</summary>
    private static int Move(Span<byte> room, int length, int from, int to)
    {
        var tail = Math.Min(length - from, room.Length - to);
        room.Slice(from, tail).CopyTo(room[to..]);
        return Math.Max(1, to + tail);
    }
}
