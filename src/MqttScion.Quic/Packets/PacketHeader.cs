namespace MqttScion.Quic;

/// <summary>The part of a packet's header that is not protected (RFC 9000 §17).</summary>
internal readonly ref struct PacketHeader
{
    /// <summary>QUIC version 1.</summary>
    public const uint Version1 = 1;

    /// <summary>The QUIC bit of the first byte.</summary>
    public const byte FixedBit = 0x40;

    private const uint ReservedVersionBits = 0x0a0a0a0a;

    private const byte LongForm = 0x80;

    public PacketType Type { get; private init; }

    /// <summary>
    /// True where version 1 wants it so; peers may agree to send it either way (RFC 9287). Always true for other
    /// versions.
    /// </summary>
    public bool HasFixedBit { get; private init; }

    public uint Version { get; private init; }

    public ReadOnlySpan<byte> DestinationId { get; private init; }

    public ReadOnlySpan<byte> SourceId { get; private init; }

    /// <summary>
    /// Initial: the address validation token. Retry: token and integrity tag. Version Negotiation: the list.
    /// </summary>
    public ReadOnlySpan<byte> Token { get; private init; }

    /// <summary>Where the protected packet number starts.</summary>
    public int PacketNumberOffset { get; private init; }

    /// <summary>The length of this packet within its datagram.</summary>
    public int PacketLength { get; private init; }

    /// <summary>One of the versions that nobody speaks (RFC 9000 §15).</summary>
    public static uint ReservedVersion(byte random) => ReservedVersionBits | ((uint)(random & 0xf0) << 16);

    /// <summary>
    /// Reads the header of the first packet of <paramref name="datagram"/>. A short header's connection id has the
    /// length that this endpoint gives all its ids. False when the bytes are no QUIC packet.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> datagram, int shortIdLength, out PacketHeader header)
    {
        header = default;
        if (datagram.IsEmpty)
            return false;
        if ((datagram[0] & LongForm) != 0)
            return TryReadLong(datagram, out header);
        if (datagram.Length < 1 + shortIdLength)
            return false;
        header = new PacketHeader
        {
            Type = PacketType.OneRtt,
            HasFixedBit = (datagram[0] & FixedBit) != 0,
            Version = Version1,
            DestinationId = datagram.Slice(1, shortIdLength),
            PacketNumberOffset = 1 + shortIdLength,
            PacketLength = datagram.Length,
        };
        return true;
    }

    /// <summary>
    /// Reads the destination of a packet of which only the start may be there (RFC 8999 §5).
    /// </summary>
    /// <param name="start">The first bytes of the datagram.</param>
    /// <param name="shortIdLength">Bytes of the connection id in a short header, which does not tell.</param>
    /// <param name="id">The destination connection id.</param>
    public static bool TryReadDestination(ReadOnlySpan<byte> start, int shortIdLength, out ReadOnlySpan<byte> id)
    {
        var reader = new ByteReader(start);
        id = default;
        if (!reader.TryReadByte(out var first))
            return false;
        if ((first & LongForm) == 0)
            return reader.TryReadBytes((ulong)shortIdLength, out id);
        return reader.TryReadUInt32(out _) && reader.TryReadByte(out var length) && reader.TryReadBytes(length, out id);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> datagram, out PacketHeader header)
    {
        header = default;
        var reader = new ByteReader(datagram);
        if (!reader.TryReadByte(out var first) || !reader.TryReadUInt32(out var version) ||
            !reader.TryReadByte(out var destinationLength) ||
            !reader.TryReadBytes(destinationLength, out var destination) ||
            !reader.TryReadByte(out var sourceLength) || !reader.TryReadBytes(sourceLength, out var source))
            return false;
        if (version != Version1)
        {
            reader.TryReadBytes((ulong)reader.Remaining, out var list);
            header = new PacketHeader
            {
                Type = version == 0 ? PacketType.VersionNegotiation : PacketType.UnknownVersion,
                HasFixedBit = true,
                Version = version,
                DestinationId = destination,
                SourceId = source,
                Token = list,
                PacketLength = datagram.Length,
            };
            return true;
        }

        return destination.Length <= ConnectionId.MaxLength && source.Length <= ConnectionId.MaxLength &&
            TryReadVersion1(datagram, ref reader, first, destination, source, out header);
    }

    private static bool TryReadVersion1(
        ReadOnlySpan<byte> datagram,
        scoped ref ByteReader reader,
        byte first,
        ReadOnlySpan<byte> destination,
        ReadOnlySpan<byte> source,
        out PacketHeader header)
    {
        header = default;
        var type = (PacketType)((first >> 4) & 3);
        ReadOnlySpan<byte> token = default;
        var packetLength = datagram.Length;
        var numberOffset = 0;
        if (type == PacketType.Retry)
        {
            reader.TryReadBytes((ulong)reader.Remaining, out token);
        }
        else
        {
            if ((type == PacketType.Initial && !reader.TryReadPrefixed(out token)) ||
                !reader.TryReadVarInt(out var length) || length > (ulong)reader.Remaining)
                return false;
            numberOffset = reader.Position;
            packetLength = numberOffset + (int)length;
        }

        header = new PacketHeader
        {
            Type = type,
            HasFixedBit = (first & FixedBit) != 0,
            Version = Version1,
            DestinationId = destination,
            SourceId = source,
            Token = token,
            PacketNumberOffset = numberOffset,
            PacketLength = packetLength,
        };
        return true;
    }
}
