using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>The info field of one segment in a standard path.</summary>
/// <param name="IsPeering">The P flag: the segment begins or ends with a peering hop.</param>
/// <param name="ConsDir">The C flag: the hop fields are in construction direction.</param>
/// <param name="SegId">The accumulator for the hop-field MACs, "beta".</param>
/// <param name="Timestamp">When the segment was made, in Unix seconds.</param>
public readonly record struct InfoField(bool IsPeering, bool ConsDir, ushort SegId, uint Timestamp)
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 8;

    internal const byte ConsDirFlag = 0x01;
    private const byte PeeringFlag = 0x02;

    /// <summary>Reads the field from its eight bytes.</summary>
    public static InfoField Read(ReadOnlySpan<byte> bytes) => new(
        (bytes[0] & PeeringFlag) != 0,
        (bytes[0] & ConsDirFlag) != 0,
        BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]));

    /// <summary>Writes the eight bytes of the field.</summary>
    public void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)((IsPeering ? PeeringFlag : 0) | (ConsDir ? ConsDirFlag : 0));
        bytes[1] = 0;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], SegId);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Timestamp);
    }

    internal static void ClearSegId(Span<byte> bytes) => bytes.Slice(2, sizeof(ushort)).Clear();
}
