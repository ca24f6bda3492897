using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace MqttScion.Mqtt;

/// <summary>Writes the data types of MQTT 5 §1.5 into room that was measured before.</summary>
internal ref struct MqttSpanWriter
{
    private readonly Span<byte> _room;

    public MqttSpanWriter(Span<byte> room) => _room = room;

    public int Length { get; private set; }

    public static int VarIntLength(uint value) => value switch
    {
        < 1 << 7 => 1,
        < 1 << 14 => 2,
        < 1 << 21 => 3,
        _ => 4,
    };

    public static int StringLength(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    public void WriteByte(byte value) => _room[Length++] = value;

    public void WriteUInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_room[Length..], value);
        Length += 2;
    }

    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_room[Length..], value);
        Length += 4;
    }

    public void WriteVarInt(uint value)
    {
        Debug.Assert(value <= MqttFrame.MaxRemainingLength, "The value does not fit into four bytes.");
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        WriteByte((byte)value);
    }

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_room[Length..]);
        Length += bytes.Length;
    }

    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        WriteUInt16((ushort)bytes.Length);
        WriteBytes(bytes);
    }

    public void WriteString(string text)
    {
        var written = Encoding.UTF8.GetBytes(text, _room[(Length + 2)..]);
        WriteUInt16((ushort)written);
        Length += written;
    }
}
