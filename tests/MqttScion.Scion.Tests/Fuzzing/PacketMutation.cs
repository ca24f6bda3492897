using System.Buffers.Binary;

namespace MqttScion.Scion.Tests;

/// <summary>Makes a bad packet out of good ones. The same seed gives the same packet; nothing is allocated.</summary>
internal static class PacketMutation
{
    /// <summary>Room that is enough for every mutation, in bytes.</summary>
    internal const int MaxLength = 2048;

    private const int HeadLength = 160; // Where the headers of most packets are.

    private static ReadOnlySpan<byte> Extremes => [0, 1, 2, 0x0f, 0x11, 0x3f, 0x7f, 0x80, 0xc8, 0xc9, 0xca, 0xfe, 0xff];

    /// <summary>Writes the packet of a seed and returns its length.</summary>
    internal static int Make(long seed, IReadOnlyList<byte[]> corpus, Span<byte> room)
    {
        var random = new FuzzRandom(seed);
        var source = corpus[random.Next(corpus.Count)];
        source.CopyTo(room);
        var length = source.Length;
        for (var changes = 1 + random.Next(4); changes > 0; changes--)
        {
            length = random.Next(8) switch
            {
                0 => Resize(ref random, room, length),
                1 => Splice(ref random, room, length, corpus[random.Next(corpus.Count)]),
                2 => Move(ref random, room, length),
                _ => Overwrite(ref random, room, length),
            };
        }

        // With lengths that fit again, the packet gets past the first checks.
        if (length >= ScionPacketReader.CommonHeaderLength && random.OneIn(2))
        {
            var payloadLength = Math.Max(0, length - room[5] * 4);
            BinaryPrimitives.WriteUInt16BigEndian(room[6..], (ushort)payloadLength);
        }
        return length;
    }

    private static int Overwrite(ref FuzzRandom random, Span<byte> room, int length)
    {
        if (length == 0)
            return 0;
        var offset = Offset(ref random, length);
        switch (random.Next(4))
        {
            case 0:
                room[offset] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                room[offset] = random.NextByte();
                break;
            case 2:
                room[offset] = Extremes[random.Next(Extremes.Length)];
                break;
            default:
                ChangeLengthField(ref random, room, length);
                break;
        }
        return length;
    }

    // HdrLen, PayloadLen, path type, host types, the path's meta header, an extension's length or that of UDP.
    private static void ChangeLengthField(ref FuzzRandom random, Span<byte> room, int length)
    {
        var hostsLength = ScionHost.LengthOf(room[9] >> 4) + ScionHost.LengthOf(room[9] & 0xf);
        var headerLength = room[5] * 4;
        var offset = random.Next(10) switch
        {
            0 => 5,
            1 => 6,
            2 => 7,
            3 => 8,
            4 => 9,
            5 => 28 + hostsLength + random.Next(PathHeader.MetaLength),
            6 => 28 + hostsLength + EpicFields.Length + random.Next(PathHeader.MetaLength),
            7 => headerLength + 1,
            8 => headerLength + 3,
            _ => headerLength + 5,
        };
        if (offset < length)
            room[offset] = (byte)(room[offset] + random.Next(9) - 4);
    }

    private static int Resize(ref FuzzRandom random, Span<byte> room, int length)
    {
        var newLength = random.OneIn(2) ? random.Next(length + 1) : Math.Min(length + random.Next(64), MaxLength);
        for (var i = length; i < newLength; i++)
            room[i] = random.NextByte();
        return newLength;
    }

    /// <summary>Up to some offset this packet, from there on another one.</summary>
    private static int Splice(ref FuzzRandom random, Span<byte> room, int length, ReadOnlySpan<byte> other)
    {
        var offset = random.Next(length + 1);
        var tail = other[random.Next(other.Length)..];
        tail = tail[..Math.Min(tail.Length, MaxLength - offset)];
        tail.CopyTo(room[offset..]);
        return offset + tail.Length;
    }

    /// <summary>Doubles a block, or takes it out.</summary>
    private static int Move(ref FuzzRandom random, Span<byte> room, int length)
    {
        if (length == 0)
            return 0;
        var from = Offset(ref random, length);
        var to = Offset(ref random, length);
        var tail = length - from;
        tail = Math.Min(tail, MaxLength - to);
        room.Slice(from, tail).CopyTo(room[to..]);
        return to + tail;
    }

    private static int Offset(ref FuzzRandom random, int length) =>
        random.Next(random.OneIn(4) ? length : Math.Min(length, HeadLength));
}
