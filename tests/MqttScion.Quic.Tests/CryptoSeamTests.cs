namespace MqttScion.Quic.Tests;

/// <summary>Connections with any provider of cryptography, plugged in at <see cref="QuicCrypto"/> alone.</summary>
public sealed class CryptoSeamTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connection_with_any_provider_is_confirmed_and_carries_data(bool isFake)
    {
        using var pair = Pair(ProviderOf(isFake), issuer: null).Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(50_000, seed: 1);

        pair.Echo(data).AsSpan().SequenceEqual(data).Should().BeTrue();
        pair.Client.ApplicationProtocol.Should().Be("mqtt");
        pair.Client.IsResumed.Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connection_with_the_ticket_of_any_provider_is_resumed(bool isFake)
    {
        var provider = ProviderOf(isFake);
        using var issuer = provider.CreateTicketIssuer();
        QuicSessionTicket? ticket = null;
        using var first = Pair(provider, issuer).Connect();
        first.RunUntil(() => first.Client.TryTakeSessionTicket(out ticket)).Should().BeTrue();

        using var second = Pair(provider, issuer, ticket).Connect();

        second.Client.IsResumed.Should().BeTrue();
    }

    [Fact]
    public void EnsureAvailable_without_the_library_says_in_the_words_of_the_provider_what_to_install()
    {
        var absent = new FakeCrypto { Problem = "toy 1 or later is needed: install toy" };

        absent.Invoking(crypto => crypto.EnsureAvailable())
            .Should().Throw<TlsUnavailableException>().WithMessage(absent.Problem);
        absent.Invoking(crypto => crypto.CreateProtectors()).Should().Throw<TlsUnavailableException>();
        absent.Version.Should().BeNull();
    }

    [Fact]
    public void Default_provider_names_its_library_and_version()
    {
        QuicCrypto.Default.EnsureAvailable();

        QuicCrypto.Default.Name.Should().NotBeEmpty();
        QuicCrypto.Default.Version.Should().MatchRegex(@"^\d+\.\d+");
    }

    [Fact]
    public void CreateTls_with_the_ticket_issuer_of_another_provider_is_refused()
    {
        var options = fixture.Options(fixture.Server);
        options.TicketIssuer = new FakeCrypto().CreateTicketIssuer();

        QuicCrypto.Default.Invoking(crypto => crypto.CreateTls(options))
            .Should().Throw<TlsConfigurationException>()
            .WithMessage("*TicketIssuer*FakeTicketIssuer*another provider*")
            .Which.Option.Should().Be(nameof(QuicTlsOptions.TicketIssuer));
    }

    private static QuicCrypto ProviderOf(bool isFake) => isFake ? new FakeCrypto() : QuicCrypto.Default;

    private QuicPair Pair(QuicCrypto crypto, QuicTicketIssuer? issuer, QuicSessionTicket? ticket = null) =>
        new(seed: 1, settings =>
        {
            var server = fixture.Options(fixture.Server);
            server.TicketIssuer = issuer;
            settings.Use(crypto, fixture.Options(fixture.Client), server);
            settings.ServerName = TlsFixture.ServerName;
            settings.Ticket = ticket;
            // A ticket is of no use before the time at which it came.
            if (ticket is not null)
                settings.ClientOptions.ClockOrigin += TimeSpan.FromMinutes(1);
        });
}
