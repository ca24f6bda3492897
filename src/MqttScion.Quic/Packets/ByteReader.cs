using System.Buffers.Binary;

namespace MqttScion.Quic;

/// <summary>A cursor over bytes from the network; each read checks the length once.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;

    public int Position { get; private set; }

    public readonly int Remaining => _source.Length - Position;

    public readonly bool IsAtEnd => Position == _source.Length;

    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (IsAtEnd)
            return false;
        value = _source[Position++];
        return true;
    }

    public bool TryReadUInt16(out ushort value)
    {
        value = 0;
        if (!TryReadBytes(sizeof(ushort), out var bytes))
            return false;
        value = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return true;
    }

    public bool TryReadUInt32(out uint value)
    {
        value = 0;
        if (!TryReadBytes(sizeof(uint), out var bytes))
            return false;
        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    public bool TryReadVarInt(out ulong value)
    {
        if (!VarInt.TryRead(_source[Position..], out value, out var length))
            return false;
        Position += length;
        return true;
    }

    public bool TryReadBytes(ulong length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length > (ulong)Remaining)
            return false;
        bytes = _source.Slice(Position, (int)length);
        Position += (int)length;
        return true;
    }

    /// <summary>Reads a length as a variable-length integer, then that many bytes.</summary>
    public bool TryReadPrefixed(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadVarInt(out var length) && TryReadBytes(length, out bytes);
    }

    /// <summary>Skips bytes of value zero and returns how many there were.</summary>
    public int SkipZeros()
    {
        var rest = _source[Position..];
        var length = rest.IndexOfAnyExcept((byte)0);
        length = length < 0 ? rest.Length : length;
        Position += length;
        return length;
    }

    /// <summary>The bytes from a position up to the cursor.</summary>
    public readonly ReadOnlySpan<byte> Since(int position) => _source[position..Position];
}
