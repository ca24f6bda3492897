using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>The UDP header of an upper layer.</summary>
/// <param name="SourcePort">The source port.</param>
/// <param name="DestinationPort">The destination port.</param>
/// <param name="UdpLength">Header and payload in bytes; 0 means all that is there.</param>
/// <param name="Checksum">The checksum; 0 means that none was computed.</param>
public readonly record struct ScionUdpHeader(
    ushort SourcePort, ushort DestinationPort, ushort UdpLength, ushort Checksum)
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 8;

    /// <summary>The offset of the checksum field in bytes.</summary>
    public const int ChecksumOffset = 6;

    /// <summary>Reads the header and finds the payload.</summary>
    /// <param name="upperLayer">The upper layer of a packet.</param>
    /// <param name="header">The header.</param>
    /// <param name="payloadLength">The length of the payload, which starts at <see cref="Length"/>, in bytes.</param>
    /// <param name="error">What is wrong, with offsets from the start of the upper layer.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> upperLayer, out ScionUdpHeader header, out int payloadLength, out ScionParseError error)
    {
        (header, payloadLength, error) = (default, 0, default);
        if (upperLayer.Length < Length)
        {
            error = new ScionParseError(ScionParseErrorKind.Truncated, 0, Length, upperLayer.Length);
            return false;
        }
        header = new ScionUdpHeader(
            BinaryPrimitives.ReadUInt16BigEndian(upperLayer),
            BinaryPrimitives.ReadUInt16BigEndian(upperLayer[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(upperLayer[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(upperLayer[ChecksumOffset..]));
        var length = header.UdpLength == 0 ? upperLayer.Length : header.UdpLength;
        if (length < Length || length > upperLayer.Length)
        {
            error = new ScionParseError(ScionParseErrorKind.UdpLength, 4, upperLayer.Length, length);
            return false;
        }
        payloadLength = length - Length;
        return true;
    }

    /// <summary>Writes the eight bytes of the header.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], DestinationPort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], UdpLength);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[ChecksumOffset..], Checksum);
    }
}
