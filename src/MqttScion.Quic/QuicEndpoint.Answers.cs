namespace MqttScion.Quic;

/// <content>Answers without a connection: version negotiation, Retry, refusal, stateless reset.</content>
public sealed partial class QuicEndpoint
{
    internal const int MaxRefusalsPerSecond = 1000;

    private const byte RetryBits = 0xf0;
    private const byte InitialBits = 0xc0;

    private readonly RateLimit _refusals = new(MaxRefusalsPerSecond);

    /// <summary>
    /// Answers what no connection takes: a version that we don't speak (RFC 9000 §6), or a packet of a connection that
    /// is not known (any more).
    /// </summary>
    private int AnswerStray(ReadOnlySpan<byte> datagram, in PacketHeader header, Span<byte> answer, TimeSpan now) =>
        header.Type switch
        {
            PacketType.UnknownVersion when _acceptConnections && datagram.Length >= MinInitialDatagramBytes =>
                WriteVersionNegotiation(header, answer),
            PacketType.OneRtt => Resets.Write(datagram, new ConnectionId(header.DestinationId), answer, now),
            _ => 0,
        };

    private int WriteVersionNegotiation(in PacketHeader header, Span<byte> room)
    {
        const int fixedLength = 1 + 4 + 1 + 1 + 4 + 4;
        if (room.Length < fixedLength + header.SourceId.Length + header.DestinationId.Length)
            return 0;
        Span<byte> random = stackalloc byte[2];
        Random.Fill(random);
        var writer = new ByteWriter(room);
        writer.WriteByte((byte)(LongForm | random[0]));
        writer.WriteUInt32(0);
        writer.WriteByte((byte)header.SourceId.Length);
        writer.WriteBytes(header.SourceId);
        writer.WriteByte((byte)header.DestinationId.Length);
        writer.WriteBytes(header.DestinationId);
        // RFC 9000 §6.3: a reserved version, so that clients learn to ignore what they don't know.
        writer.WriteUInt32(PacketHeader.ReservedVersion(random[1]));
        writer.WriteUInt32(PacketHeader.Version1);
        return writer.Position;
    }

    /// <summary>Asks a client to come back with a token that proves its address (RFC 9000 §8.1.2).</summary>
    private int WriteRetry(in PacketHeader header, ReadOnlySpan<byte> digest, Span<byte> room, TimeSpan now)
    {
        const int fixedLength = 1 + 4 + 1 + 1 + LocalConnectionIds.IdLength + IPacketProtector.TagLength;
        if (room.Length < fixedLength + header.SourceId.Length + AddressTokens.MaxLength)
            return 0;
        var retryId = ConnectionId.Create(Random, LocalConnectionIds.IdLength);
        Span<byte> bits = stackalloc byte[1];
        Random.Fill(bits);
        var writer = new ByteWriter(room);
        writer.WriteByte((byte)(RetryBits | (bits[0] & 0x0f)));
        writer.WriteUInt32(PacketHeader.Version1);
        writer.WriteByte((byte)header.SourceId.Length);
        writer.WriteBytes(header.SourceId);
        writer.WriteByte((byte)retryId.Length);
        writer.Advance(retryId.CopyTo(writer.Free));
        writer.WriteBytes(_tokens.WriteRetry(
            digest, new ConnectionId(header.DestinationId), retryId, Options.ClockOrigin + now));
        KeySchedule.RetryIntegrityTag(header.DestinationId, writer.Written, writer.Free);
        writer.Advance(IPacketProtector.TagLength);
        return writer.Position;
    }

    /// <summary>Closes in an Initial packet and keeps nothing of the client (RFC 9000 §5.2.2).</summary>
    private int WriteRefusal(in PacketHeader header, QuicError error, Span<byte> room, TimeSpan now)
    {
        if (room.Length < MinInitialDatagramBytes || !_refusals.TryTake(now))
            return 0;
        Span<byte> client = stackalloc byte[KeySchedule.InitialSecretLength];
        Span<byte> server = stackalloc byte[KeySchedule.InitialSecretLength];
        KeySchedule.InitialSecrets(header.DestinationId, client, server);
        using var space = new PacketSpace(SpaceId.Initial);
        space.WriteProtector = Protectors.Create(KeySchedule.InitialSuite, server);
        var builder = new DatagramBuilder(room);
        var writer = new ByteWriter(builder.Free);
        writer.WriteByte(InitialBits);
        writer.WriteUInt32(PacketHeader.Version1);
        writer.WriteByte((byte)header.SourceId.Length);
        writer.WriteBytes(header.SourceId);
        writer.WriteByte(LocalConnectionIds.IdLength);
        writer.Advance(ConnectionId.Create(Random, LocalConnectionIds.IdLength).CopyTo(writer.Free));
        writer.WriteVarInt(0);
        writer.Advance(DatagramBuilder.LengthFieldBytes);
        builder.Begin(space, writer.Position, number: 0, numberLength: 1, isLong: true);
        builder.Writer.WriteVarInt((ulong)FrameType.ConnectionClose);
        builder.Writer.WriteVarInt((ulong)error);
        builder.Writer.WriteVarInt(0);
        builder.Writer.WriteVarInt(0);
        builder.Commit();
        builder.Seal(0);
        return builder.Length;
    }
}
