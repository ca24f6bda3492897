namespace MqttScion.Quic.Tests;

/// <summary>TLS is let go when nothing more is due from it.</summary>
public sealed class TlsReleaseTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(11);

    [Fact]
    public void Server_lets_go_of_TLS_when_the_handshake_is_done_and_the_client_soon_after()
    {
        using var pair = Real().Connect();
        pair.Server!.IsTlsReleased.Should().BeTrue();
        pair.Client.IsTlsReleased.Should().BeFalse("a ticket may come");

        pair.Run(Later);

        pair.Client.IsTlsReleased.Should().BeTrue();
        pair.Client.PeerCertificate.Should().Equal(fixture.Server.Certificate);
        pair.Server.PeerCertificate.Should().Equal(fixture.Client.Certificate);
        pair.Client.ApplicationProtocol.Should().Be("mqtt");
    }

    [Fact]
    public void Connection_without_TLS_goes_on_with_updates_of_its_keys_and_closes()
    {
        using var pair = Real(static settings => settings.ClientOptions.KeyUpdatePackets = 50).Connect();
        pair.EchoOnServer();
        pair.Run(Later);
        var data = Transfer.RandomBytes(1_000_000, seed: 1);

        pair.Echo(data).AsSpan().SequenceEqual(data).Should().BeTrue();
        pair.Client.KeyUpdateCount.Should().BePositive();
        pair.Client.Close(3, "done", pair.Now);
        pair.RunUntil(() => pair.Server!.CloseReason is not null).Should().BeTrue();

        pair.Server!.CloseReason!.ErrorCode.Should().Be(3);
    }

    [Fact]
    public void Ticket_reaches_the_client_although_the_server_let_go_of_TLS()
    {
        using var pair = Real(issuer: true).Connect();

        pair.RunUntil(() => pair.Client.TryTakeSessionTicket(out _)).Should().BeTrue();
    }

    [Theory]
    [InlineData("06000c" + "04000008" + "0000000100000000", null)]
    [InlineData("060005" + "1800000100", QuicError.CryptoUnexpectedMessage)]
    [InlineData("060004" + "0d000000", QuicError.ProtocolViolation)]
    [InlineData("060004" + "04ffffff", QuicError.CryptoBufferExceeded)]
    public void Messages_to_a_client_without_TLS_are_judged_all_the_same(string frames, QuicError? expected)
    {
        using var pair = new QuicPair().Connect();
        pair.Run(Later);
        pair.Client.IsTlsReleased.Should().BeTrue();

        pair.Client.Receive(
            PacketForge.OneRtt(pair, toServer: false, 5000, Convert.FromHexString(frames)),
            0,
            EcnCodepoint.NotEct,
            pair.Now);

        pair.Client.CloseReason?.ErrorCode.Should().Be((ulong?)expected);
        (pair.Client.CloseReason is null).Should().Be(expected is null);
    }

    private QuicPair Real(Action<PairSettings>? configure = null, bool issuer = false) => new(1, settings =>
    {
        var server = fixture.Options(fixture.Server);
        server.TicketIssuer = issuer ? QuicCrypto.Default.CreateTicketIssuer() : null;
        settings.ClientTls = QuicCrypto.Default.CreateTls(fixture.Options(fixture.Client));
        settings.ServerTls = QuicCrypto.Default.CreateTls(server);
        settings.Protectors = QuicCrypto.Default.CreateProtectors();
        settings.ServerName = TlsFixture.ServerName;
        configure?.Invoke(settings);
    });
}
