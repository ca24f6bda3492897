namespace MqttScion.Quic.Tests;

/// <summary>Makes authentic packets with any frames in them, as a peer that breaks the rules could.</summary>
internal static class PacketForge
{
    private const QuicCipherSuite Suite = QuicCipherSuite.Aes128GcmSha256;
    private const int DatagramBytes = 1400;

    /// <summary>A 1-RTT packet to the server (or to the client) of a pair that uses the toy handshake.</summary>
    public static byte[] OneRtt(
        QuicPair pair,
        bool toServer,
        long number,
        byte[] frames,
        byte firstByteBits = 0,
        int keyUpdates = 0)
    {
        var receiver = toServer ? pair.Server! : pair.Client;
        var protectors = pair.Settings.Protectors;
        var secret = FakeTls.Secret(EncryptionLevel.Application, fromServer: !toServer);
        using var space = new PacketSpace(SpaceId.Application) { WriteProtector = protectors.Create(Suite, secret) };
        for (var update = 0; update < keyUpdates; update++)
        {
            secret = KeySchedule.NextSecret(Suite, secret);
            space.WriteProtector = protectors.CreateUpdated(Suite, secret, space.WriteProtector);
        }

        var datagram = new byte[DatagramBytes];
        var builder = new DatagramBuilder(datagram);
        var id = receiver.LocalIds.Initial.Id;
        builder.Free[0] = (byte)(0x43 | (keyUpdates % 2 << 2) | firstByteBits);
        id.CopyTo(builder.Free[1..]);
        builder.Begin(space, 1 + id.Length, number, numberLength: 4, isLong: false);
        builder.Writer.WriteBytes(frames);
        builder.Commit();
        builder.Seal(0);
        return datagram[..builder.Length];
    }

    /// <summary>A Handshake packet.</summary>
    public static byte[] Handshake(
        QuicPair pair, bool toServer, long number, byte[] frames, byte firstByteBits = 0, byte[]? source = null)
    {
        using var space = new PacketSpace(SpaceId.Handshake)
        {
            WriteProtector = pair.Settings.Protectors.Create(
                Suite, FakeTls.Secret(EncryptionLevel.Handshake, fromServer: !toServer)),
        };
        var (destination, ownSource) = Ids(pair, toServer);
        return Long(space, (byte)(0xe3 | firstByteBits), destination, source ?? ownSource, null, number, frames);
    }

    /// <summary>A 0-RTT packet of a client that uses the toy handshake.</summary>
    public static byte[] ZeroRtt(QuicPair pair, long number, byte[] frames, bool toServer = true)
    {
        using var space = new PacketSpace(SpaceId.Application)
        {
            EarlyWriteProtector = pair.Settings.Protectors.Create(
                Suite, FakeTls.Secret(EncryptionLevel.EarlyData, fromServer: false)),
        };
        var (destination, source) = Ids(pair, toServer);
        return Long(space, 0xd3, destination, source, null, number, frames);
    }

    /// <summary>An Initial packet in a datagram that is long enough for it.</summary>
    public static byte[] Initial(
        QuicPair pair,
        bool toServer,
        long number,
        byte[] frames,
        byte firstByteBits = 0,
        byte[]? token = null,
        byte[]? source = null)
    {
        var client = new byte[KeySchedule.InitialSecretLength];
        var server = new byte[KeySchedule.InitialSecretLength];
        KeySchedule.InitialSecrets(pair.Client.OriginalDestinationId.ToArray(), client, server);
        using var space = new PacketSpace(SpaceId.Initial)
        {
            WriteProtector = pair.Settings.Protectors.Create(Suite, toServer ? client : server),
        };
        var (destination, ownSource) = Ids(pair, toServer);
        return Long(space, (byte)(0xc3 | firstByteBits), destination, source ?? ownSource, token ?? [], number, frames);
    }

    private static (byte[] Destination, byte[] Source) Ids(QuicPair pair, bool toServer)
    {
        var client = pair.Client.LocalIds.Initial.Id.ToArray();
        var server = (pair.Server?.LocalIds.Initial.Id ?? pair.Client.OriginalDestinationId).ToArray();
        return toServer ? (server, client) : (client, server);
    }

    private static byte[] Long(
        PacketSpace space, byte first, byte[] destination, byte[] source, byte[]? token, long number, byte[] frames)
    {
        var datagram = new byte[DatagramBytes];
        var builder = new DatagramBuilder(datagram);
        var writer = new ByteWriter(builder.Free);
        writer.WriteByte(first);
        writer.WriteUInt32(PacketHeader.Version1);
        writer.WritePrefixed(destination);
        writer.WritePrefixed(source);
        if (token is not null)
            writer.WritePrefixed(token);
        writer.Advance(DatagramBuilder.LengthFieldBytes);
        builder.Begin(space, writer.Position, number, numberLength: 4, isLong: true);
        builder.Writer.WriteBytes(frames);
        builder.Commit();
        builder.Seal(0);
        // Bytes behind the packet are dropped as no packet; they make the datagram long enough for an Initial.
        return token is null ? datagram[..builder.Length] : datagram[..Math.Max(builder.Length, 1200)];
    }
}
