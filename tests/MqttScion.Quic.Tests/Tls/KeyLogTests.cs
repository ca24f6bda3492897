using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>The key log: what it says opens what was captured, and nothing is said unasked.</summary>
public class KeyLogTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private const QuicCipherSuite Suite = QuicCipherSuite.Aes128GcmSha256;

    [Fact]
    public void Key_log_of_both_sides_has_the_same_line_for_each_secret()
    {
        var (client, server) = (new List<string>(), new List<string>());
        using var pair = Pair(client.Add, server.Add).Connect();

        client.Should().BeEquivalentTo(server);
        client.Select(line => line.Split(' ')[0]).Should().BeEquivalentTo(
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0");
        client.Should().OnlyContain(line => line.Split(' ', StringSplitOptions.None).Length == 3);
        client.Select(line => line.Split(' ')[1]).Distinct().Should().ContainSingle().Which.Length.Should().Be(64);
    }

    [Fact]
    public void Key_log_opens_captured_packets()
    {
        var lines = new List<string>();
        using var pair = Pair(lines.Add, null);
        byte[]? hello = null;
        byte[]? captured = null;
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (!fromServer)
                hello ??= bytes.ToArray();
            if (!fromServer && (bytes[0] & 0x80) == 0)
                captured = bytes.ToArray();
            return true;
        };
        pair.Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        var payload = "captured"u8.ToArray();
        stream!.Write(payload);
        pair.Flush();

        lines.Should().OnlyContain(line => line.Contains(Convert.ToHexStringLower(RandomOf(pair, hello!))));
        var secret = lines.Single(line => line.StartsWith("CLIENT_TRAFFIC_SECRET_0 ", StringComparison.Ordinal))
            .Split(' ')[2];
        var opened = Open(captured!, pair.Client.NextPacketNumber - 1, Convert.FromHexString(secret));
        opened.AsSpan().IndexOf(payload).Should().BePositive();
    }

    [Fact]
    public void Nothing_is_logged_unasked() => new QuicTlsOptions().KeyLog.Should().BeNull();

    // The random of the ClientHello, from the first Initial that was captured: its keys everyone can derive.
    private static byte[] RandomOf(QuicPair pair, byte[] datagram)
    {
        var client = new byte[KeySchedule.InitialSecretLength];
        KeySchedule.InitialSecrets(
            pair.Client.OriginalDestinationId.ToArray(), client, new byte[KeySchedule.InitialSecretLength]);
        PacketHeader.TryRead(datagram, LocalConnectionIds.IdLength, out var header).Should().BeTrue();
        var payload = Open(datagram[..header.PacketLength], 0, client, header.PacketNumberOffset);
        const int hello = 4 + 2, randomLength = 32;
        var reader = new FrameReader(payload);
        Frame frame = default;
        reader.TryRead(ref frame, out _).Should().BeTrue();
        frame.Type.Should().Be(FrameType.Crypto);
        return frame.Data.Slice(hello, randomLength).ToArray();
    }

    /// <summary>Opens a packet with nothing but its secret, by RFC 9001 §5.</summary>
    private static byte[] Open(
        byte[] packet, long number, byte[] secret, int numberOffset = 1 + LocalConnectionIds.IdLength)
    {
        var (key, iv, headerKey) = (new byte[16], new byte[KeySchedule.IvLength], new byte[16]);
        KeySchedule.Key(Suite, secret, key);
        KeySchedule.Iv(Suite, secret, iv);
        KeySchedule.HeaderKey(Suite, secret, headerKey);
        using var aes = Aes.Create();
        aes.Key = headerKey;
        var mask = aes.EncryptEcb(packet.AsSpan(numberOffset + 4, 16), PaddingMode.None);
        packet[0] ^= (byte)(mask[0] & ((packet[0] & 0x80) != 0 ? 0x0f : 0x1f));
        var numberLength = (packet[0] & 3) + 1;
        for (var index = 0; index < numberLength; index++)
            packet[numberOffset + index] ^= mask[1 + index];
        var headerLength = numberOffset + numberLength;
        var nonce = new byte[KeySchedule.IvLength];
        KeySchedule.Nonce(iv, (ulong)number, nonce);
        var plain = new byte[packet.Length - headerLength - IPacketProtector.TagLength];
        using var aead = new AesGcm(key, IPacketProtector.TagLength);
        aead.Decrypt(
            nonce,
            packet.AsSpan(headerLength, plain.Length),
            packet.AsSpan(^IPacketProtector.TagLength),
            plain,
            packet.AsSpan(0, headerLength));
        return plain;
    }

    private QuicPair Pair(Action<string>? client, Action<string>? server) => new(1, settings =>
    {
        var clientOptions = fixture.Options(fixture.Client);
        clientOptions.KeyLog = client;
        var serverOptions = fixture.Options(fixture.Server);
        serverOptions.KeyLog = server;
        settings.ClientTls = new GnuTlsFactory(clientOptions);
        settings.ServerTls = new GnuTlsFactory(serverOptions);
        settings.Protectors = new GnuTlsPacketProtectorFactory();
        settings.ServerName = TlsFixture.ServerName;
    });
}
