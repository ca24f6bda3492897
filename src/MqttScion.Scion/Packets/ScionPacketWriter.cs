using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>Writes SCION headers and whole packets.</summary>
public static class ScionPacketWriter
{
    private const int MaxPayloadLength = ushort.MaxValue;

    /// <summary>The length in bytes of a header between two hosts over a path of so many bytes.</summary>
    public static int HeaderLength(in ScionHeader header, int pathLength) =>
        ScionPacketReader.CommonHeaderLength + 2 * sizeof(ulong)
        + header.DestinationHost.ToWireForm().Length + header.SourceHost.ToWireForm().Length + pathLength;

    /// <summary>Writes the SCION header with its path.</summary>
    /// <param name="destination">Room for the header.</param>
    /// <param name="header">The fields.</param>
    /// <param name="path">The path's bytes.</param>
    /// <param name="payloadLength">The length of all that follows the header, in bytes.</param>
    /// <param name="length">The length of the header in bytes.</param>
    /// <returns>False when it does not fit: the room, 1020 bytes of header or 65535 of payload.</returns>
    public static bool TryWriteHeader(
        Span<byte> destination, in ScionHeader header, ReadOnlySpan<byte> path, int payloadLength, out int length)
    {
        length = HeaderLength(header, path.Length);
        if (length > ScionPacketReader.MaxHeaderLength || length % 4 != 0 || length > destination.Length
            || payloadLength is < 0 or > MaxPayloadLength)
        {
            return false;
        }
        var (to, from) = (header.DestinationHost.ToWireForm(), header.SourceHost.ToWireForm());
        var firstWord = (uint)header.TrafficClass << 20 | header.FlowId & 0xf_ffff;
        BinaryPrimitives.WriteUInt32BigEndian(destination, firstWord);
        destination[4] = (byte)header.NextHeader;
        destination[5] = (byte)(length / 4);
        BinaryPrimitives.WriteUInt16BigEndian(destination[6..], (ushort)payloadLength);
        destination[8] = (byte)header.PathType;
        destination[9] = (byte)(to.TypeAndLength << 4 | from.TypeAndLength);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], 0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[12..], header.DestinationIsdAs.Value);
        BinaryPrimitives.WriteUInt64BigEndian(destination[20..], header.SourceIsdAs.Value);
        var offset = 28 + to.CopyTo(destination[28..]);
        offset += from.CopyTo(destination[offset..]);
        path.CopyTo(destination[offset..]);
        return true;
    }

    /// <summary>Writes an SCMP packet: header, message with its checksum, and data (a quote or echo data).</summary>
    /// <remarks>A quote is cut so that the packet stays within <paramref name="maxLength"/> bytes; echo data is not.
    /// </remarks>
    /// <returns>False when it does not fit.</returns>
    public static bool TryWriteScmp(
        Span<byte> destination,
        in ScionHeader header,
        ReadOnlySpan<byte> path,
        in ScmpMessage message,
        ReadOnlySpan<byte> data,
        out int length,
        int maxLength = ScmpMessage.MaxErrorPacketLength)
    {
        var headerLength = HeaderLength(header, path.Length);
        length = 0;
        if (message.IsError)
            data = data[..Math.Clamp(maxLength - headerLength - message.Length, 0, data.Length)];
        var payloadLength = message.Length + data.Length;
        if (headerLength + payloadLength > destination.Length
            || !TryWriteHeader(destination, header with { NextHeader = L4Protocol.Scmp }, path, payloadLength, out _))
        {
            return false;
        }
        length = headerLength + payloadLength;
        var upperLayer = destination[headerLength..length];
        message.Write(upperLayer);
        data.CopyTo(upperLayer[message.Length..]);
        var addressHeader = destination[ScionPacketReader.CommonHeaderLength..(headerLength - path.Length)];
        var checksum = ScionChecksum.Compute(addressHeader, L4Protocol.Scmp, upperLayer);
        BinaryPrimitives.WriteUInt16BigEndian(upperLayer[ScmpMessage.ChecksumOffset..], checksum);
        return true;
    }
}
