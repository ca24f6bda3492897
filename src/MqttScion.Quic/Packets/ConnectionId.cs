using System.Buffers.Binary;
using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>A connection id of 0 to 20 bytes (RFC 9000 §17.2), a value without allocation.</summary>
internal readonly struct ConnectionId : IEquatable<ConnectionId>
{
    /// <summary>The longest id of QUIC v1.</summary>
    public const int MaxLength = 20;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly uint _third;
    private readonly byte _length;

    public ConnectionId(ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(bytes.Length <= MaxLength, "the caller checks the length");
        Span<byte> padded = stackalloc byte[MaxLength];
        padded.Clear();
        bytes.CopyTo(padded);
        _first = BinaryPrimitives.ReadUInt64BigEndian(padded);
        _second = BinaryPrimitives.ReadUInt64BigEndian(padded[8..]);
        _third = BinaryPrimitives.ReadUInt32BigEndian(padded[16..]);
        _length = (byte)bytes.Length;
    }

    public int Length => _length;

    /// <summary>Makes an id of random bytes.</summary>
    public static ConnectionId Create(IQuicRandom random, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        random.Fill(bytes);
        return new ConnectionId(bytes);
    }

    /// <summary>Writes the id's bytes and returns their number.</summary>
    public int CopyTo(Span<byte> destination)
    {
        Span<byte> padded = stackalloc byte[MaxLength];
        BinaryPrimitives.WriteUInt64BigEndian(padded, _first);
        BinaryPrimitives.WriteUInt64BigEndian(padded[8..], _second);
        BinaryPrimitives.WriteUInt32BigEndian(padded[16..], _third);
        padded[.._length].CopyTo(destination);
        return _length;
    }

    public byte[] ToArray()
    {
        var bytes = new byte[_length];
        CopyTo(bytes);
        return bytes;
    }

    public bool Equals(ConnectionId other) =>
        _first == other._first && _second == other._second && _third == other._third && _length == other._length;

    public bool Equals(ReadOnlySpan<byte> bytes) => bytes.Length == _length && Equals(new ConnectionId(bytes));

    public override bool Equals(object? obj) => obj is ConnectionId other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_first, _second, _third, _length);

    public override string ToString() => Convert.ToHexStringLower(ToArray());
}
