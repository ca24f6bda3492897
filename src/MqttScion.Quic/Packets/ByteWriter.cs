using System.Buffers.Binary;

namespace MqttScion.Quic;

/// <summary>
/// A cursor over room for outgoing bytes. The caller checks <see cref="Remaining"/> before it writes.
/// </summary>
internal ref struct ByteWriter(Span<byte> room)
{
    private readonly Span<byte> _room = room;

    public int Position { get; private set; }

    public readonly int Remaining => _room.Length - Position;

    public readonly Span<byte> Free => _room[Position..];

    public readonly ReadOnlySpan<byte> Written => _room[..Position];

    public void WriteByte(byte value) => _room[Position++] = value;

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_room[Position..], value);
        Position += sizeof(uint);
    }

    public void WriteVarInt(ulong value) => Position += VarInt.Write(_room[Position..], value);

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_room[Position..]);
        Position += bytes.Length;
    }

    public void WritePrefixed(ReadOnlySpan<byte> bytes)
    {
        WriteVarInt((ulong)bytes.Length);
        WriteBytes(bytes);
    }

    public void WriteZeros(int length)
    {
        _room.Slice(Position, length).Clear();
        Position += length;
    }

    /// <summary>Takes over bytes that were written to <see cref="Free"/> directly.</summary>
    public void Advance(int length) => Position += length;
}
