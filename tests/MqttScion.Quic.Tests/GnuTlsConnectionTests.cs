namespace MqttScion.Quic.Tests;

/// <summary>The engine with real mutual TLS and real packet protection.</summary>
public class GnuTlsConnectionTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private const ulong CryptoError = 0x100;

    [Fact]
    public void Connect_with_mutual_TLS_confirms_and_shows_the_certificates()
    {
        using var pair = Pair(fixture.Client).Connect();

        pair.Client.ApplicationProtocol.Should().Be("mqtt");
        pair.Client.PeerCertificate.Should().Equal(fixture.Server.Certificate);
        pair.Server!.PeerCertificate.Should().Equal(fixture.Client.Certificate);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Echo_on_a_bad_link_returns_the_bytes(int seed)
    {
        using var pair = Pair(fixture.Client, seed);
        pair.Links[0].Loss = 0.1;
        pair.Links[0].Reorder = 0.1;
        pair.Links[0].Duplication = 0.05;
        pair.Links[0].Corruption = 0.05;
        pair.Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(500_000, seed);

        pair.Echo(data, TimeSpan.FromMinutes(10)).AsSpan().SequenceEqual(data).Should().BeTrue();
    }

    [Fact]
    public void Connect_to_another_name_closes_with_the_alert_of_TLS()
    {
        using var pair = Pair(fixture.Client, serverName: "other.example");
        pair.RunUntil(() => pair.Client.CloseReason is not null && pair.Server?.CloseReason is not null)
            .Should().BeTrue();

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.LocalTransport);
        pair.Client.CloseReason.ErrorCode.Should().BeInRange(CryptoError, CryptoError + byte.MaxValue);
        pair.Client.CloseReason.Reason.Should().NotBeEmpty();
        pair.Server!.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        pair.Server.CloseReason.ErrorCode.Should().Be(pair.Client.CloseReason.ErrorCode);
    }

    [Fact]
    public void Connect_without_a_client_certificate_is_never_confirmed_and_closes_with_certificate_required()
    {
        const ulong certificateRequired = 116;
        using var pair = Pair(identity: null);
        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        pair.Client.CloseReason.ErrorCode.Should().Be(CryptoError + certificateRequired);
        pair.ClientEvents.Should().NotContain(item => item.Kind == QuicEventKind.HandshakeConfirmed);
        pair.ServerEvents.Should().NotContain(item => item.Kind == QuicEventKind.HandshakeCompleted);
    }

    private QuicPair Pair(TestIdentity? identity, int seed = 1, string serverName = TlsFixture.ServerName) =>
        new(seed, settings =>
        {
            settings.ClientTls = QuicCrypto.Default.CreateTls(fixture.Options(identity));
            settings.ServerTls = QuicCrypto.Default.CreateTls(fixture.Options(fixture.Server));
            settings.Protectors = QuicCrypto.Default.CreateProtectors();
            settings.ServerName = serverName;
        });
}
