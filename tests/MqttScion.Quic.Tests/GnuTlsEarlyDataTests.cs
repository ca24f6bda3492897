namespace MqttScion.Quic.Tests;

/// <summary>Resumption and 0-RTT of whole connections with real TLS.</summary>
public sealed class GnuTlsEarlyDataTests(TlsFixture fixture) : IClassFixture<TlsFixture>, IDisposable
{
    private readonly QuicTicketIssuer _issuer = QuicCrypto.Default.CreateTicketIssuer();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Ticket_resumes_and_carries_early_data_if_both_sides_ask_for_it(bool early)
    {
        using var pair = Pair(Ticket(early), early);
        pair.Client.CanSendEarlyData.Should().Be(early);
        pair.Client.TryOpenStream(true, out var stream).Should().Be(early);
        stream?.Write([1, 2, 3]);
        if (early)
        {
            pair.RunUntil(() => pair.Server?.TryGetStream(0, out _) == true).Should().BeTrue();
            pair.Server!.State.Should().Be(QuicConnectionState.Handshaking);
            pair.Server.PeerCertificate.Should().Equal(fixture.Client.Certificate);
        }

        pair.Connect();

        pair.Client.IsResumed.Should().BeTrue();
        pair.Server!.IsResumed.Should().BeTrue();
        pair.Client.EarlyDataAccepted.Should().Be(early ? true : null);
        pair.Client.PeerCertificate.Should().Equal(fixture.Server.Certificate);
        pair.Server.PeerCertificate.Should().Equal(fixture.Client.Certificate);
        pair.EchoOnServer();
        pair.Echo([9, 8, 7]).Should().Equal(9, 8, 7);
    }

    [Fact]
    public void First_flight_that_is_recorded_brings_no_early_data_a_second_time()
    {
        var recorded = new List<byte[]>();
        using var pair = Pair(Ticket(early: true), early: true);
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (!fromServer && recorded.Count < 2)
                recorded.Add(bytes.ToArray());
            return true;
        };
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[1500]);
        pair.Connect();
        pair.Server!.EarlyDataAccepted.Should().BeTrue();
        pair.Server.Dispose();

        pair.TryAccept(pair.ServerEndpoint, recorded[0], 0, out var replayed, out _).Should().BeTrue();
        foreach (var datagram in recorded)
            replayed!.Receive(datagram, 0, EcnCodepoint.NotEct, pair.Now);

        replayed!.EarlyDataAccepted.Should().BeNull();
        replayed.TryGetStream(0, out _).Should().BeFalse();
    }

    [Fact]
    public void Server_with_other_limits_takes_neither_ticket_nor_early_data()
    {
        using var pair = Pair(Ticket(early: true), early: true, settings => settings.StreamWindowBytes = 8192);
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1, 2, 3]);

        pair.Connect();

        pair.Client.IsResumed.Should().BeFalse();
        pair.Client.EarlyDataAccepted.Should().BeFalse();
        pair.RunUntil(() => stream.IsEverythingAcknowledged).Should().BeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Early_data_on_a_bad_link_arrives_whole_and_once(int seed)
    {
        using var pair = Pair(Ticket(early: true), early: true, seed: seed);
        var link = pair.Links[0];
        (link.Loss, link.Reorder, link.Duplication, link.Corruption) = (0.1, 0.2, 0.1, 0.03);
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(60_000, seed);

        pair.Echo(data, TimeSpan.FromMinutes(10)).AsSpan().SequenceEqual(data).Should().BeTrue();
    }

    public void Dispose() => _issuer.Dispose();

    private QuicSessionTicket Ticket(bool early)
    {
        using var pair = Pair(null, early).Connect();
        pair.Run(TimeSpan.FromMilliseconds(200));
        pair.Client.IsResumed.Should().BeFalse();
        pair.Client.TryTakeSessionTicket(out var ticket).Should().BeTrue();
        QuicSessionTicket.TryDecode(ticket!.Encode(), out var decoded).Should().BeTrue();
        return decoded!;
    }

    private QuicPair Pair(
        QuicSessionTicket? ticket, bool early, Action<QuicOptions>? server = null, int seed = 1) =>
        new(seed, settings =>
        {
            var options = fixture.Options(fixture.Server);
            options.TicketIssuer = _issuer;
            settings.ClientTls = QuicCrypto.Default.CreateTls(fixture.Options(fixture.Client));
            settings.ServerTls = QuicCrypto.Default.CreateTls(options);
            settings.Protectors = QuicCrypto.Default.CreateProtectors();
            settings.ServerName = TlsFixture.ServerName;
            settings.ClientOptions.EarlyData = early;
            settings.ServerOptions.EarlyData = early;
            settings.Ticket = ticket;
            if (ticket is not null)
                settings.ClientOptions.ClockOrigin += TimeSpan.FromMinutes(1);
            server?.Invoke(settings.ServerOptions);
        });
}
