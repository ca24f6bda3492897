namespace MqttScion.Quic.Tests;

/// <summary>Tickets that are kept: encoding, bounds, single use.</summary>
public class SessionCacheTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20000);

    [Fact]
    public void Ticket_survives_encoding()
    {
        var ticket = EarlyDataTests.Ticket();
        QuicSessionTicket.TryDecode(ticket.Encode(), out var decoded).Should().BeTrue();

        decoded.Should().BeEquivalentTo(ticket);
        decoded!.Session.ToArray().Should().Equal(ticket.Session.ToArray());
        decoded.Parameters.Should().BeEquivalentTo(ticket.Parameters);
        using var pair = new QuicPair(1, settings => EarlyDataTests.Resume(settings, decoded)).Connect();
        pair.Client.EarlyDataAccepted.Should().BeTrue();
    }

    [Fact]
    public void Remembered_parameters_leave_out_what_is_of_one_connection()
    {
        var parameters = EarlyDataTests.Ticket().Parameters;

        parameters.InitialMaxData.Should().BePositive();
        parameters.StatelessResetToken.Should().BeNull();
        parameters.OriginalDestinationId.Should().BeNull();
        parameters.InitialSourceId.Should().BeNull();
    }

    [Fact]
    public void Encodings_that_are_cut_off_or_damaged_never_throw()
    {
        var encoded = EarlyDataTests.Ticket().Encode();
        for (var length = 0; length < encoded.Length; length++)
            QuicSessionTicket.TryDecode(encoded.AsSpan(0, length), out _).Should().BeFalse();
        for (var bit = 0; bit < encoded.Length * 8; bit++)
        {
            var damaged = encoded.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            QuicSessionTicket.TryDecode(damaged, out _);
        }

        QuicSessionTicket.TryDecode(new byte[QuicSessionTicket.MaxEncodedBytes + 1], out _).Should().BeFalse();
    }

    [Fact]
    public void Take_gives_each_ticket_once_the_newest_first()
    {
        var cache = new QuicSessionCache();
        var tickets = Enumerable.Range(0, 3).Select(index => Ticket("a", Start.AddSeconds(index))).ToArray();
        Array.ForEach(tickets, cache.Add);

        foreach (var expected in tickets.Reverse())
        {
            cache.TryTake("A", Start.AddMinutes(1), out var taken).Should().BeTrue();
            taken.Should().BeSameAs(expected);
        }

        cache.TryTake("a", Start.AddMinutes(1), out _).Should().BeFalse();
        cache.Count.Should().Be(0);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(3599, true)]
    [InlineData(3600, false)]
    public void Take_gives_no_ticket_out_of_its_time(int afterSeconds, bool isGood)
    {
        var cache = new QuicSessionCache();
        cache.Add(Ticket("a", Start));

        cache.TryTake("a", Start.AddSeconds(afterSeconds), out _).Should().Be(isGood);
    }

    [Fact]
    public void Cache_is_bounded_by_servers_and_by_tickets_of_each()
    {
        var cache = new QuicSessionCache();
        for (var index = 0; index < 200; index++)
        {
            cache.Add(Ticket("first", Start));
            cache.Add(Ticket($"server{index}", Start));
        }

        cache.Count.Should().Be(QuicSessionCache.MaxServers);
        var count = 0;
        while (cache.TryTake("first", Start, out _))
            count++;
        count.Should().Be(QuicSessionCache.MaxTickets);
        cache.Clear();
        cache.Count.Should().Be(0);
    }

    [Fact]
    public void Tokens_are_taken_once_and_bounded()
    {
        var cache = new QuicSessionCache();
        cache.KeepToken("a", [1]);
        cache.KeepToken("a", [2]);
        cache.KeepToken("a", new byte[QuicSessionCache.MaxTokenBytes + 1]);

        cache.TakeToken("a").Should().Equal(2);
        cache.TakeToken("a").Should().BeEmpty();
    }

    [Fact]
    public void Cache_without_tickets_keeps_tokens_all_the_same()
    {
        var cache = new QuicSessionCache { KeepsTickets = false };
        cache.Add(Ticket("a", Start));
        cache.KeepToken("a", [1]);

        cache.TryTake("a", Start, out _).Should().BeFalse();
        cache.TakeToken("a").Should().Equal(1);
    }

    [Fact]
    public void Cache_of_an_endpoint_serves_the_next_endpoint_with_ticket_and_token()
    {
        var cache = new QuicSessionCache();
        var tokenKey = new byte[32];
        using (var first = Pair(cache, tokenKey, later: false))
        {
            first.Connect().Run(TimeSpan.FromMilliseconds(100));
            first.ClientEvents.Should().NotContain(item => item.Kind == QuicEventKind.SessionTicketReceived);
        }

        using var second = Pair(cache, tokenKey, later: true);
        var retries = 0;
        second.Tap = (_, _, bytes) =>
        {
            retries += bytes[0] >> 4 == 0x0f ? 1 : 0;
            return true;
        };
        second.Connect();

        second.Client.IsResumed.Should().BeTrue();
        retries.Should().Be(0, "the token of the first endpoint proves the address");
    }

    [Fact]
    public void Tickets_are_taken_once_by_threads_side_by_side()
    {
        var cache = new QuicSessionCache();
        var taken = 0;
        Parallel.For(0, 8, worker =>
        {
            for (var round = 0; round < 500; round++)
            {
                cache.Add(Ticket($"s{worker}", Start));
                if (cache.TryTake($"s{worker}", Start, out _))
                    Interlocked.Increment(ref taken);
            }
        });

        taken.Should().Be(8 * 500);
        cache.Count.Should().Be(0);
    }

    private static QuicPair Pair(QuicSessionCache cache, byte[] tokenKey, bool later) => new(1, settings =>
    {
        settings.Tls.IssuesTickets = true;
        settings.ClientOptions.SessionCache = cache;
        settings.ServerOptions.TokenKey = tokenKey;
        settings.ServerOptions.RetryAboveHandshakes = 0;
        if (!later)
            return;
        settings.ClientOptions.ClockOrigin += TimeSpan.FromMinutes(1);
        settings.ServerOptions.ClockOrigin += TimeSpan.FromMinutes(1);
    });

    private static QuicSessionTicket Ticket(string name, DateTimeOffset receivedAt) => new(
        name,
        "mqtt",
        receivedAt,
        new QuicTlsTicket([1], TimeSpan.FromHours(1), AllowsEarlyData: true),
        new TransportParameters());
}
