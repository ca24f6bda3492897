using System.Buffers.Binary;
using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>Variable-length integers (RFC 9000 §16).</summary>
internal static class VarInt
{
    /// <summary>The largest value: 2^62 - 1.</summary>
    public const ulong MaxValue = (1UL << 62) - 1;

    /// <summary>The shortest encoding of a value, in bytes.</summary>
    public static int Length(ulong value) => value switch
    {
        < 1UL << 6 => 1,
        < 1UL << 14 => 2,
        < 1UL << 30 => 4,
        _ => 8,
    };

    /// <summary>Reads one integer; false when the source is too short.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int length)
    {
        value = 0;
        length = 0;
        if (source.IsEmpty)
            return false;
        var size = 1 << (source[0] >> 6);
        if (source.Length < size)
            return false;
        length = size;
        value = size switch
        {
            1 => source[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(source) & 0x3FFFUL,
            4 => BinaryPrimitives.ReadUInt32BigEndian(source) & 0x3FFF_FFFFUL,
            _ => BinaryPrimitives.ReadUInt64BigEndian(source) & MaxValue,
        };
        return true;
    }

    /// <summary>Writes the shortest encoding and returns its length.</summary>
    public static int Write(Span<byte> destination, ulong value)
    {
        Debug.Assert(value <= MaxValue, "a variable-length integer has 62 bits");
        switch (Length(value))
        {
            case 1:
                destination[0] = (byte)value;
                return 1;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value | 0x4000));
                return 2;
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)value | 0x8000_0000);
                return 4;
            default:
                BinaryPrimitives.WriteUInt64BigEndian(destination, value | 0xC000_0000_0000_0000);
                return 8;
        }
    }

    /// <summary>Writes a value below 2^14 in two bytes, for fields that are filled in later.</summary>
    public static void WriteTwoBytes(Span<byte> destination, int value)
    {
        Debug.Assert(value is >= 0 and < 1 << 14, "two bytes hold 14 bits");
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(value | 0x4000));
    }
}
