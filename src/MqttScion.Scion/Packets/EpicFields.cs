using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>The fields that an EPIC path has before its standard path.</summary>
/// <param name="Timestamp">The packet's timestamp, relative to that of the first info field.</param>
/// <param name="Counter">Tells apart the packets of one timestamp.</param>
/// <param name="PenultimateHopValidation">The validation field of the last hop but one (PHVF), first byte highest.
/// </param>
/// <param name="LastHopValidation">The validation field of the last hop (LHVF), first byte highest.</param>
public readonly record struct EpicFields(
    uint Timestamp, uint Counter, uint PenultimateHopValidation, uint LastHopValidation)
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 16;

    /// <summary>Reads the fields from their sixteen bytes.</summary>
    public static EpicFields Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32BigEndian(bytes),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]));

    /// <summary>Writes the sixteen bytes of the fields.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], Counter);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], PenultimateHopValidation);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[12..], LastHopValidation);
    }
}
