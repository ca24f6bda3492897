namespace MqttScion.Quic;

/// <content>Packets.</content>
internal sealed partial class QlogTrace
{
    private const int DefaultAckDelayExponent = 3;

    private int _peerAckDelayExponent = DefaultAckDelayExponent;

    /// <summary>A packet goes out. Called before it is protected.</summary>
    public void PacketSent(
        in DatagramBuilder.Packet packet, ReadOnlySpan<byte> datagram, bool isCoalesced, NetworkPath path)
    {
        if (!Begin("transport:packet_sent"u8, path))
            return;
        var bytes = datagram[packet.Start..packet.End];
        var payloadStart = packet.NumberOffset + packet.NumberLength - packet.Start;
        var payload = bytes[payloadStart..^IPacketProtector.TagLength];
        WriteHeader(ReadSentHeader(bytes, packet), packet.Number, bytes[0]);
        WriteFrames(payload, DefaultAckDelayExponent);
        WriteRaw(bytes.Length, payload.Length);
        if (isCoalesced)
            _json.WriteBoolean("is_coalesced"u8, true);
        if (packet.Sent is { IsMtuProbe: true })
            _json.WriteBoolean("is_mtu_probe_packet"u8, true);
        End();
    }

    /// <summary>An authentic packet came; its protection is removed.</summary>
    public void PacketReceived(
        in PacketHeader header, long number, ReadOnlySpan<byte> packet, int headerLength, NetworkPath path)
    {
        if (!Begin("transport:packet_received"u8, path))
            return;
        var payload = packet[headerLength..^IPacketProtector.TagLength];
        WriteHeader(Logged(header), number, packet[0]);
        // RFC 9000 §19.3: before the handshake is done nobody knows another exponent.
        WriteFrames(payload, header.Type == PacketType.OneRtt ? _peerAckDelayExponent : DefaultAckDelayExponent);
        WriteRaw(packet.Length, payload.Length);
        End();
    }

    /// <summary>A Retry packet came and is followed.</summary>
    public void RetryReceived(in PacketHeader header, int tokenBytes)
    {
        if (!Begin("transport:packet_received"u8))
            return;
        WriteHeader(Logged(header), number: -1, flags: 0);
        WriteToken("retry_token"u8, tokenBytes, "retry"u8);
        End();
    }

    /// <summary>A Version Negotiation packet came.</summary>
    public void VersionNegotiationReceived(in PacketHeader header)
    {
        if (!Begin("transport:packet_received"u8))
            return;
        WriteHeader(Logged(header), number: -1, flags: 0);
        _json.WriteStartArray("supported_versions"u8);
        var versions = new ByteReader(header.Token);
        Span<byte> digits = stackalloc byte[8];
        while (versions.TryReadUInt32(out var version))
        {
            version.TryFormat(digits, out var length, "x", null);
            _json.WriteStringValue(digits[..length]);
        }

        _json.WriteEndArray();
        End();
    }

    public void PacketDropped(PacketType type, int lengthBytes, QlogDrop cause, NetworkPath path)
    {
        if (!Begin("transport:packet_dropped"u8, path))
            return;
        WriteType(type);
        WriteLength(lengthBytes);
        _json.WriteString("trigger"u8, cause switch
        {
            QlogDrop.Invalid or QlogDrop.Unexpected => "invalid"u8,
            QlogDrop.UnexpectedId => "connection_unknown"u8,
            QlogDrop.Duplicate => "rejected"u8,
            _ => "decryption_failure"u8,
        });
        _json.WriteStartObject("details"u8);
        _json.WriteString("cause"u8, cause switch
        {
            QlogDrop.Invalid => "header_parse_error"u8,
            QlogDrop.Unexpected => "unexpected_packet"u8,
            QlogDrop.UnexpectedId => "unexpected_connection_id"u8,
            QlogDrop.Duplicate => "duplicate"u8,
            QlogDrop.KeysUnavailable => "key_unavailable"u8,
            _ => "payload_decrypt_error"u8,
        });
        _json.WriteEndObject();
        End();
    }

    public void PacketBuffered(PacketType type, int lengthBytes, NetworkPath path)
    {
        if (!Begin("transport:packet_buffered"u8, path))
            return;
        WriteType(type);
        WriteLength(lengthBytes);
        _json.WriteString("trigger"u8, "keys_unavailable"u8);
        End();
    }

    // PacketHeader can't read it: the Length field of a long header is filled in when the packet is sealed.
    private static LoggedHeader ReadSentHeader(ReadOnlySpan<byte> bytes, in DatagramBuilder.Packet packet)
    {
        if (!packet.IsLong)
            return new LoggedHeader(PacketType.OneRtt, 0, bytes[1..(packet.NumberOffset - packet.Start)], default, 0);
        var type = (PacketType)((bytes[0] >> 4) & 3);
        var reader = new ByteReader(bytes[1..]);
        reader.TryReadUInt32(out var version);
        reader.TryReadByte(out var destinationLength);
        reader.TryReadBytes(destinationLength, out var destination);
        reader.TryReadByte(out var sourceLength);
        reader.TryReadBytes(sourceLength, out var source);
        ReadOnlySpan<byte> token = default;
        if (type == PacketType.Initial)
            reader.TryReadPrefixed(out token);
        return new LoggedHeader(type, version, destination, source, token.Length);
    }

    private static LoggedHeader Logged(in PacketHeader header) => new(
        header.Type,
        header.Version,
        header.DestinationId,
        header.SourceId,
        header.Type == PacketType.Initial ? header.Token.Length : 0);

    private void WriteHeader(in LoggedHeader header, long number, byte flags)
    {
        _json.WriteStartObject("header"u8);
        _json.WriteString("packet_type"u8, NameOf(header.Type));
        if (number >= 0)
        {
            _json.WriteNumber("packet_number"u8, number);
            _json.WriteNumber("flags"u8, flags);
        }

        if (header.TokenBytes > 0)
            WriteToken("token"u8, header.TokenBytes, default);
        if (header.Type != PacketType.OneRtt)
        {
            WriteVersion("version"u8, header.Version);
            _json.WriteNumber("scil"u8, header.SourceId.Length);
            WriteHex("scid"u8, header.SourceId);
        }

        _json.WriteNumber("dcil"u8, header.DestinationId.Length);
        WriteHex("dcid"u8, header.DestinationId);
        _json.WriteEndObject();
    }

    private void WriteType(PacketType type)
    {
        _json.WriteStartObject("header"u8);
        _json.WriteString("packet_type"u8, NameOf(type));
        _json.WriteEndObject();
    }

    // A token tells a client from others for as long as it is good: only its length is of use in a trace.
    private void WriteToken(ReadOnlySpan<byte> name, int lengthBytes, ReadOnlySpan<byte> type)
    {
        _json.WriteStartObject(name);
        if (!type.IsEmpty)
            _json.WriteString("type"u8, type);
        WriteLength(lengthBytes);
        _json.WriteEndObject();
    }

    private void WriteRaw(int lengthBytes, int payloadBytes)
    {
        _json.WriteStartObject("raw"u8);
        _json.WriteNumber("length"u8, lengthBytes);
        _json.WriteNumber("payload_length"u8, payloadBytes);
        _json.WriteEndObject();
    }

    private void WriteLength(int lengthBytes)
    {
        _json.WriteStartObject("raw"u8);
        _json.WriteNumber("length"u8, lengthBytes);
        _json.WriteEndObject();
    }

    private static ReadOnlySpan<byte> NameOf(PacketType type) => type switch
    {
        PacketType.Initial => "initial"u8,
        PacketType.ZeroRtt => "0RTT"u8,
        PacketType.Handshake => "handshake"u8,
        PacketType.OneRtt => "1RTT"u8,
        PacketType.Retry => "retry"u8,
        PacketType.VersionNegotiation => "version_negotiation"u8,
        _ => "unknown"u8,
    };

    private static ReadOnlySpan<byte> NameOf(SpaceId space) => space switch
    {
        SpaceId.Initial => "initial"u8,
        SpaceId.Handshake => "handshake"u8,
        _ => "1RTT"u8,
    };

    /// <summary>What a trace tells of a packet's header.</summary>
    private readonly ref struct LoggedHeader(
        PacketType type,
        uint version,
        ReadOnlySpan<byte> destinationId,
        ReadOnlySpan<byte> sourceId,
        int tokenBytes)
    {
        public PacketType Type { get; } = type;

        public uint Version { get; } = version;

        public ReadOnlySpan<byte> DestinationId { get; } = destinationId;

        public ReadOnlySpan<byte> SourceId { get; } = sourceId;

        public int TokenBytes { get; } = tokenBytes;
    }
}
