namespace MqttScion.Quic.Tests;

/// <summary>Makes authentic packets with any frames in them, as a peer that breaks the rules could.</summary>
internal static class PacketForge
{
    /// <summary>A 1-RTT packet to the server (or to the client) of a pair that uses the toy handshake.</summary>
    public static byte[] OneRtt(
        QuicPair pair,
        bool toServer,
        long number,
        byte[] frames,
        byte firstByteBits = 0,
        int keyUpdates = 0)
    {
        const QuicCipherSuite suite = QuicCipherSuite.Aes128GcmSha256;
        var receiver = toServer ? pair.Server! : pair.Client;
        var protectors = pair.Settings.Protectors;
        var secret = FakeTls.Secret(EncryptionLevel.Application, fromServer: !toServer);
        using var space = new PacketSpace(SpaceId.Application) { WriteProtector = protectors.Create(suite, secret) };
        for (var update = 0; update < keyUpdates; update++)
        {
            secret = KeySchedule.NextSecret(suite, secret);
            space.WriteProtector = protectors.CreateUpdated(suite, secret, space.WriteProtector);
        }

        var datagram = new byte[1400];
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

    /// <summary>A Handshake packet to the server.</summary>
    public static byte[] Handshake(QuicPair pair, ConnectionId source, long number, byte[] frames)
    {
        using var space = new PacketSpace(SpaceId.Handshake)
        {
            WriteProtector = pair.Settings.Protectors.Create(
                QuicCipherSuite.Aes128GcmSha256,
                FakeTls.Secret(EncryptionLevel.Handshake, fromServer: false)),
        };
        var datagram = new byte[1400];
        var builder = new DatagramBuilder(datagram);
        var writer = new ByteWriter(builder.Free);
        writer.WriteByte(0xe3);
        writer.WriteUInt32(PacketHeader.Version1);
        writer.WritePrefixed(pair.Server!.LocalIds.Initial.Id.ToArray());
        writer.WritePrefixed(source.ToArray());
        writer.Advance(DatagramBuilder.LengthFieldBytes);
        builder.Begin(space, writer.Position, number, numberLength: 4, isLong: true);
        builder.Writer.WriteBytes(frames);
        builder.Commit();
        builder.Seal(0);
        return datagram[..builder.Length];
    }
}
