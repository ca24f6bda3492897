using System.Buffers.Binary;

namespace MqttScion.Scion;

/// <summary>A view of a SCION packet: header fields, path, extensions and upper layer.</summary>
/// <remarks>
/// Reads untrusted bytes: no exception, no copy, no allocation; every length is checked in <c>TryRead</c> and nowhere
/// else. SCION header specification, "SCION Packet".
/// </remarks>
public readonly ref struct ScionPacketReader
{
    /// <summary>The length of the common header in bytes.</summary>
    public const int CommonHeaderLength = 12;

    /// <summary>The longest SCION header in bytes.</summary>
    public const int MaxHeaderLength = 1020;

    private const int HostsOffset = CommonHeaderLength + 2 * sizeof(ulong);

    private readonly ScionExtensions _extensions;

    private ScionPacketReader(ReadOnlySpan<byte> packet, ScionExtensions extensions)
    {
        Packet = packet;
        _extensions = extensions;
    }

    /// <summary>The bytes that were read, from the common header on.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    /// <summary>The traffic class: DSCP and ECN as in IP.</summary>
    public byte TrafficClass => (byte)(BinaryPrimitives.ReadUInt16BigEndian(Packet) >> 4);

    /// <summary>The flow id, 20 bits.</summary>
    public uint FlowId => BinaryPrimitives.ReadUInt32BigEndian(Packet) & 0xf_ffff;

    /// <summary>The NextHdr field of the common header; see <see cref="Protocol"/> for the upper layer.</summary>
    public byte NextHeader => Packet[4];

    /// <summary>The length of the SCION header with the path, in bytes.</summary>
    public int HeaderLength => Packet[5] * 4;

    /// <summary>The PayloadLen field: extensions and upper layer, in bytes.</summary>
    public int PayloadLength => BinaryPrimitives.ReadUInt16BigEndian(Packet[6..]);

    /// <summary>The path type.</summary>
    public PathType PathType => (PathType)Packet[8];

    /// <summary>The ISD-AS of the destination.</summary>
    public IsdAs DestinationIsdAs => new(BinaryPrimitives.ReadUInt64BigEndian(Packet[CommonHeaderLength..]));

    /// <summary>The ISD-AS of the source.</summary>
    public IsdAs SourceIsdAs => new(BinaryPrimitives.ReadUInt64BigEndian(Packet[(CommonHeaderLength + 8)..]));

    /// <summary>The host of the destination.</summary>
    public ScionHost DestinationHost => ScionHost.FromWire(Packet[9] >> 4, RawDestinationHost);

    /// <summary>The host of the source.</summary>
    public ScionHost SourceHost => ScionHost.FromWire(Packet[9] & 0xf, RawSourceHost);

    /// <summary>The bytes of the destination host.</summary>
    public ReadOnlySpan<byte> RawDestinationHost => Packet.Slice(HostsOffset, ScionHost.LengthOf(Packet[9] >> 4));

    /// <summary>The bytes of the source host.</summary>
    public ReadOnlySpan<byte> RawSourceHost =>
        Packet.Slice(HostsOffset + ScionHost.LengthOf(Packet[9] >> 4), ScionHost.LengthOf(Packet[9] & 0xf));

    /// <summary>The address header, which is the start of a checksum's pseudo header: ISD-ASes and hosts.</summary>
    public ReadOnlySpan<byte> AddressHeader => Packet[CommonHeaderLength..PathOffset];

    /// <summary>The offset of the path in bytes.</summary>
    public int PathOffset =>
        HostsOffset + ScionHost.LengthOf(Packet[9] >> 4) + ScionHost.LengthOf(Packet[9] & 0xf);

    /// <summary>The bytes of the path, of the type <see cref="PathType"/>.</summary>
    public ReadOnlySpan<byte> RawPath => Packet[PathOffset..HeaderLength];

    /// <summary>The standard path, for <see cref="PathHeader"/>: of an EPIC path the part after its fields; empty for
    /// the other path types.</summary>
    public ReadOnlySpan<byte> StandardPath => PathType switch
    {
        PathType.Scion => RawPath,
        PathType.Epic => RawPath[EpicFields.Length..],
        _ => default,
    };

    /// <summary>The hop-by-hop extension with its two header bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> HopByHop => Packet.Slice(HeaderLength, _extensions.HopByHopLength);

    /// <summary>The end-to-end extension with its two header bytes; empty when there is none.</summary>
    public ReadOnlySpan<byte> EndToEnd =>
        Packet.Slice(HeaderLength + _extensions.HopByHopLength, _extensions.EndToEndLength);

    /// <summary>The options of the hop-by-hop extension.</summary>
    public ExtensionOptions HopByHopOptions => new(HopByHop);

    /// <summary>The options of the end-to-end extension.</summary>
    public ExtensionOptions EndToEndOptions => new(EndToEnd);

    /// <summary>The upper-layer protocol, after the extensions.</summary>
    public L4Protocol Protocol => (L4Protocol)_extensions.Protocol;

    /// <summary>The offset of the upper layer in bytes.</summary>
    public int UpperLayerOffset => HeaderLength + _extensions.HopByHopLength + _extensions.EndToEndLength;

    /// <summary>The upper-layer header and payload.</summary>
    public ReadOnlySpan<byte> UpperLayer => Packet[UpperLayerOffset..];

    /// <summary>True when this is an SCMP error, which must never be answered with another one.</summary>
    public bool IsScmpError =>
        Protocol == L4Protocol.Scmp && UpperLayer is [var type, ..] && ScmpMessage.IsErrorType(type);

    /// <summary>Reads a whole packet; its length must be exactly what the header says.</summary>
    /// <param name="packet">The payload of one underlay datagram.</param>
    /// <param name="reader">The packet. After an error of the payload length or of an extension, the SCION header
    /// in it is still good; after another error it must not be used.</param>
    /// <param name="error">What is wrong.</param>
    public static bool TryRead(ReadOnlySpan<byte> packet, out ScionPacketReader reader, out ScionParseError error)
    {
        if (!TryReadHeader(packet, out reader, out error))
            return false;
        if (reader.HeaderLength + reader.PayloadLength != packet.Length)
        {
            var length = packet.Length - reader.HeaderLength;
            error = new ScionParseError(ScionParseErrorKind.PayloadLength, 6, reader.PayloadLength, length);
            return false;
        }
        return TryReadExtensions(ref reader, out error);
    }

    /// <summary>Reads a packet quoted in an SCMP error, whose end may be cut off.</summary>
    public static bool TryReadQuote(ReadOnlySpan<byte> quote, out ScionPacketReader reader, out ScionParseError error)
    {
        if (!TryReadHeader(quote, out reader, out error))
            return false;
        var length = reader.HeaderLength + reader.PayloadLength;
        if (length < quote.Length)
            reader = new ScionPacketReader(quote[..length], reader._extensions);
        return TryReadExtensions(ref reader, out error);
    }

    /// <summary>Reads only the SCION header with the path; the payload may be anything.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> packet, out ScionPacketReader reader, out ScionParseError error)
    {
        reader = default;
        if (packet.Length < CommonHeaderLength)
        {
            error = new ScionParseError(ScionParseErrorKind.Truncated, 0, CommonHeaderLength, packet.Length);
            return false;
        }
        if (packet[0] >> 4 != 0)
        {
            error = new ScionParseError(ScionParseErrorKind.UnknownVersion, 0, 0, packet[0] >> 4);
            return false;
        }
        var candidate = new ScionPacketReader(packet, new ScionExtensions(packet[4], 0, 0));
        var (pathOffset, headerLength) = (candidate.PathOffset, candidate.HeaderLength);
        error = headerLength < pathOffset
            ? new ScionParseError(ScionParseErrorKind.HeaderLength, 5, pathOffset, headerLength)
            : packet.Length < headerLength
                ? new ScionParseError(ScionParseErrorKind.Truncated, 0, headerLength, packet.Length)
                : CheckPath(candidate.PathType, packet[pathOffset..headerLength], pathOffset);
        if (error.Kind != ScionParseErrorKind.None)
            return false;
        reader = candidate;
        return true;
    }

    /// <summary>Gets the fields before the standard path; false when the path is not of type EPIC.</summary>
    public bool TryGetEpicFields(out EpicFields fields)
    {
        var isEpic = PathType == PathType.Epic;
        fields = isEpic ? EpicFields.Read(RawPath) : default;
        return isEpic;
    }

    /// <summary>Gets the one-hop path; false when the path is of another type.</summary>
    public bool TryGetOneHopPath(out OneHopPath path)
    {
        var isOneHop = PathType == PathType.OneHop;
        path = isOneHop ? OneHopPath.Read(RawPath) : default;
        return isOneHop;
    }

    /// <summary>Finds the first authenticator option of the end-to-end extension; false when there is none.</summary>
    public bool TryGetAuthenticator(out AuthenticatorOption authenticator)
    {
        foreach (var option in EndToEndOptions)
        {
            if (AuthenticatorOption.TryRead(option, out authenticator))
                return true;
        }
        authenticator = default;
        return false;
    }

    private static ScionParseError CheckPath(PathType type, ReadOnlySpan<byte> path, int offset)
    {
        switch (type)
        {
            case PathType.Empty:
                return CheckPathLength(path, 0, offset);
            case PathType.OneHop:
                return CheckPathLength(path, OneHopPath.Length, offset);
            case PathType.Epic when path.Length < EpicFields.Length:
                return CheckPathLength(path, EpicFields.Length, offset);
            case PathType.Epic:
                PathHeader.TryRead(path[EpicFields.Length..], out _, out var epicError);
                return epicError.Kind == ScionParseErrorKind.None ? default
                    : epicError.Shift(offset + EpicFields.Length);
            case PathType.Scion:
                PathHeader.TryRead(path, out _, out var error);
                return error.Kind == ScionParseErrorKind.None ? default : error.Shift(offset);
            default:
                return new ScionParseError(ScionParseErrorKind.UnknownPathType, 8, (int)PathType.Epic, (int)type);
        }
    }

    private static ScionParseError CheckPathLength(ReadOnlySpan<byte> path, int length, int offset) =>
        path.Length == length
            ? default
            : new ScionParseError(ScionParseErrorKind.PathLength, offset, length, path.Length);

    private static bool TryReadExtensions(ref ScionPacketReader reader, out ScionParseError error)
    {
        var isRead = ScionExtensions.TryRead(
            reader.NextHeader, reader.Packet[reader.HeaderLength..], out var extensions, out error);
        if (isRead)
            reader = new ScionPacketReader(reader.Packet, extensions);
        else
            error = error.Shift(reader.HeaderLength);
        return isRead;
    }
}
