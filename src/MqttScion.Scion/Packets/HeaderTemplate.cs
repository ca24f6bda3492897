using System.Buffers.Binary;
using System.Diagnostics;

namespace MqttScion.Scion;

/// <summary>The precomputed SCION and UDP headers from one socket to one remote over one path.</summary>
/// <remarks>
/// Immutable, so any thread may stamp with it. Per datagram it copies the headers, writes two lengths and sums the
/// payload; the rest of the checksum is summed once.
/// </remarks>
public sealed class HeaderTemplate
{
    private const int PayloadLengthOffset = 6;

    private readonly byte[] _header;
    private readonly ulong _partialSum;
    private readonly int _pathOffset;

    /// <summary>Prepares the headers.</summary>
    /// <param name="source">The local endpoint.</param>
    /// <param name="destination">The remote endpoint.</param>
    /// <param name="type">The type of the path.</param>
    /// <param name="dataplanePath">The path's bytes as they go on the wire.</param>
    /// <param name="trafficClass">DSCP and ECN as in IP.</param>
    /// <param name="flowId">The flow id, 20 bits; receivers may require that it is not 0.</param>
    /// <exception cref="ArgumentException">The header would be longer than 1020 bytes, or not a multiple of 4.
    /// </exception>
    public HeaderTemplate(
        ScionEndPoint source,
        ScionEndPoint destination,
        PathType type,
        ReadOnlySpan<byte> dataplanePath,
        byte trafficClass = 0,
        uint flowId = 1)
    {
        (Source, Destination, PathType) = (source, destination, type);
        var header = new ScionHeader(
            destination.IsdAs, destination.Host, source.IsdAs, source.Host, type, L4Protocol.Udp, trafficClass, flowId);
        _header = new byte[ScionPacketWriter.HeaderLength(header, dataplanePath.Length) + ScionUdpHeader.Length];
        if (!ScionPacketWriter.TryWriteHeader(_header, header, dataplanePath, payloadLength: 0, out var length))
        {
            throw new ArgumentException(
                $"A SCION header has at most {ScionPacketReader.MaxHeaderLength} bytes and a multiple of 4; "
                + $"a path of {dataplanePath.Length} bytes makes it {length}.",
                nameof(dataplanePath));
        }
        new ScionUdpHeader(source.Port, destination.Port, UdpLength: 0, Checksum: 0).Write(_header.AsSpan(length));
        _pathOffset = length - dataplanePath.Length;
        _partialSum = ScionChecksum.Add(
            ScionChecksum.SumScalar(_header.AsSpan(ScionPacketReader.CommonHeaderLength.._pathOffset)),
            ScionChecksum.SumScalar(_header.AsSpan(length)));
        _partialSum = ScionChecksum.Add(_partialSum, ScionChecksum.Word((byte)L4Protocol.Udp));
    }

    /// <summary>The local endpoint.</summary>
    public ScionEndPoint Source { get; }

    /// <summary>The remote endpoint.</summary>
    public ScionEndPoint Destination { get; }

    /// <summary>The type of the path.</summary>
    public PathType PathType { get; }

    /// <summary>The path's bytes.</summary>
    public ReadOnlySpan<byte> RawPath => _header.AsSpan(_pathOffset..^ScionUdpHeader.Length);

    /// <summary>The headroom that a segment needs: SCION and UDP header, in bytes.</summary>
    public int Length => _header.Length;

    /// <summary>Writes the headers into the first <see cref="Length"/> bytes of a segment.</summary>
    /// <param name="segment">Headroom of <see cref="Length"/> bytes, then the UDP payload.</param>
    public void Stamp(Span<byte> segment)
    {
        var udpLength = segment.Length - _header.Length + ScionUdpHeader.Length;
        Debug.Assert(udpLength is >= ScionUdpHeader.Length and <= ushort.MaxValue, "Headroom, then payload.");
        _header.CopyTo(segment);
        var udp = segment[(_header.Length - ScionUdpHeader.Length)..];
        BinaryPrimitives.WriteUInt16BigEndian(segment[PayloadLengthOffset..], (ushort)udpLength);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)udpLength);

        // The length is summed twice: it stands in the pseudo header and in the UDP header.
        var sum = ScionChecksum.Add(_partialSum, 2 * ScionChecksum.Word(udpLength));
        sum = ScionChecksum.Add(sum, ScionChecksum.Sum(udp[ScionUdpHeader.Length..]));
        BinaryPrimitives.WriteUInt16BigEndian(udp[ScionUdpHeader.ChecksumOffset..], ScionChecksum.Finish(sum));
    }
}
