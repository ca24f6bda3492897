namespace MqttScion.Quic.Tests;

/// <summary>The key derivations against the samples of RFC 9001 Appendix A.</summary>
public class KeyScheduleTests
{
    private static readonly byte[] ConnectionId = Convert.FromHexString("8394c8f03e515708");

    [Fact]
    public void InitialSecrets_of_rfc9001_a1_match()
    {
        var client = new byte[KeySchedule.InitialSecretLength];
        var server = new byte[KeySchedule.InitialSecretLength];

        KeySchedule.InitialSecrets(ConnectionId, client, server);

        Hex(client).Should().Be("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea");
        Hex(server).Should().Be("3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b");
    }

    [Theory]
    [InlineData(
        "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea",
        "1f369613dd76d5467730efcbe3b1a22d",
        "fa044b2f42a3fd3b46fb255c",
        "9f50449e04a0e810283a1e9933adedd2")]
    [InlineData(
        "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b",
        "cf3a5331653c364c88f0f379b6067e37",
        "0ac1493ca1905853b0bba03e",
        "c206b8d9b9f0f37644430b490eeaa314")]
    public void Keys_of_rfc9001_a1_match(string secret, string key, string iv, string headerKey) =>
        KeysOf(QuicCipherSuite.Aes128GcmSha256, secret).Should().Be((key, iv, headerKey));

    [Fact]
    public void Keys_of_rfc9001_a5_match() =>
        KeysOf(QuicCipherSuite.ChaCha20Poly1305Sha256, ChaChaSecret).Should().Be((
            "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
            "e0459b3474bdd0e44a41c144",
            "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4"));

    [Fact]
    public void NextSecret_of_rfc9001_a5_matches() =>
        Hex(KeySchedule.NextSecret(QuicCipherSuite.ChaCha20Poly1305Sha256, Convert.FromHexString(ChaChaSecret)))
            .Should().Be("1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9");

    [Fact]
    public void NextSecret_of_sha384_suite_has_48_bytes() =>
        KeySchedule.NextSecret(QuicCipherSuite.Aes256GcmSha384, new byte[48]).Should().HaveCount(48);

    [Fact]
    public void RetryIntegrityTag_of_rfc9001_a4_matches()
    {
        var tag = new byte[IPacketProtector.TagLength];

        KeySchedule.RetryIntegrityTag(ConnectionId, Retry.AsSpan(..^IPacketProtector.TagLength), tag);

        Hex(tag).Should().Be("04a265ba2eff4d829058fb3f0f2496ba");
    }

    [Fact]
    public void IsAuthenticRetry_of_rfc9001_a4_holds_and_fails_with_any_bit_flipped()
    {
        KeySchedule.IsAuthenticRetry(ConnectionId, Retry).Should().BeTrue();
        for (var bit = 0; bit < Retry.Length * 8; bit++)
        {
            var forged = Retry.ToArray();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            KeySchedule.IsAuthenticRetry(ConnectionId, forged).Should().BeFalse();
        }
    }

    [Fact]
    public void IsAuthenticRetry_of_a_packet_shorter_than_the_tag_is_false() =>
        KeySchedule.IsAuthenticRetry(ConnectionId, new byte[15]).Should().BeFalse();

    private const string ChaChaSecret = "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b";

    private static readonly byte[] Retry =
        Convert.FromHexString("ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba");

    private static (string Key, string Iv, string HeaderKey) KeysOf(QuicCipherSuite suite, string secretHex)
    {
        var secret = Convert.FromHexString(secretHex);
        var key = new byte[KeySchedule.KeyLength(suite)];
        var iv = new byte[KeySchedule.IvLength];
        var headerKey = new byte[KeySchedule.KeyLength(suite)];
        KeySchedule.Key(suite, secret, key);
        KeySchedule.Iv(suite, secret, iv);
        KeySchedule.HeaderKey(suite, secret, headerKey);
        return (Hex(key), Hex(iv), Hex(headerKey));
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
