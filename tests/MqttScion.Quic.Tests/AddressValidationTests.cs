namespace MqttScion.Quic.Tests;

/// <summary>Retry, tokens and the limit before an address is validated (RFC 9000 §8).</summary>
public class AddressValidationTests
{
    private const int RetryType = 0x0f;

    [Fact]
    public void Handshake_packets_from_where_no_server_hello_was_sent_do_not_validate_that_address()
    {
        using var pair = new QuicPair();
        pair.RunUntil(() => pair.Server is not null).Should().BeTrue();
        pair.AddPath(1);
        var (sent, received) = (0, 0);
        pair.Arrival = static (fromServer, path) => fromServer ? path : 1;
        pair.Tap = (fromServer, path, bytes) =>
        {
            received += fromServer ? 0 : bytes.Length;
            sent += fromServer && path == 1 ? bytes.Length : 0;
            return !fromServer || path == 0;
        };
        pair.RunUntil(() => pair.Server!.State == QuicConnectionState.Connected).Should().BeTrue();

        pair.Server!.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[50_000]);
        pair.Run(TimeSpan.FromSeconds(2));

        pair.Server.CurrentPathId.Should().Be(1);
        sent.Should().BePositive().And.BeLessThanOrEqualTo(3 * received);
    }

    [Fact]
    public void Retry_with_a_token_comes_first_when_it_is_asked_for()
    {
        using var pair = Pair(retryAbove: 0);
        var retries = CountRetries(pair);

        pair.Connect();

        retries().Should().Be(1);
        pair.Server!.InitialDestinationId.Should().NotBe(pair.Client.OriginalDestinationId);
        pair.Server.OriginalDestinationId.Should().Be(pair.Client.OriginalDestinationId);
    }

    [Fact]
    public void Retry_works_with_loss_and_reordering()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            using var pair = new QuicPair(seed, settings => settings.ServerOptions.RetryAboveHandshakes = 0);
            pair.Links[0].Loss = 0.2;
            pair.Links[0].Reorder = 0.3;
            pair.Links[0].Duplication = 0.2;

            pair.RunUntil(() => pair.Client.IsHandshakeConfirmed, TimeSpan.FromSeconds(10)).Should().BeTrue();
        }
    }

    [Fact]
    public void Retry_token_from_another_address_closes_with_INVALID_TOKEN()
    {
        using var pair = Pair(retryAbove: 0);
        CountRetries(pair, then: () => pair.ClientAddress = [192, 0, 2, 99]);

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.InvalidToken);
        pair.ServerEndpoint.Connections.Should().BeEmpty();
    }

    [Fact]
    public void Retry_token_that_is_too_old_closes_with_INVALID_TOKEN()
    {
        using var pair = Pair(retryAbove: 0);
        pair.Client.State.Should().Be(QuicConnectionState.Handshaking);
        var first = First(pair);
        pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out var retry).Should().BeFalse();
        pair.Client.Receive(retry, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
        var second = First(pair);

        pair.ServerEndpoint.TryAccept(
            second, Arrival([192, 0, 2, 1]), pair.Now + TimeSpan.FromSeconds(11), new byte[1200], out var length, out _)
            .Should().BeFalse();

        length.Should().BePositive();
        pair.TryAccept(pair.ServerEndpoint, second, 0, out _, out _).Should().BeTrue();
    }

    [Fact]
    public void Token_of_the_key_before_is_good_and_the_one_before_that_is_not()
    {
        using var pair = Pair(retryAbove: 0);
        pair.TryAccept(pair.ServerEndpoint, First(pair), 0, out _, out var retry).Should().BeFalse();
        pair.Client.Receive(retry, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
        var second = First(pair);

        pair.ServerEndpoint.RotateTokenKey(new byte[16]);
        pair.TryAccept(pair.ServerEndpoint, second, 0, out var connection, out _).Should().BeTrue();
        connection!.Dispose();
        pair.ServerEndpoint.RotateTokenKey(Transfer.RandomBytes(32, seed: 4));

        // A token that nobody can read counts as none, which asks for another.
        pair.TryAccept(pair.ServerEndpoint, second, 0, out _, out var answer).Should().BeFalse();
        (answer[0] >> 4).Should().Be(RetryType);
    }

    [Fact]
    public void Client_that_was_here_needs_no_Retry_once()
    {
        using var pair = Pair(retryAbove: 0);
        pair.Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        using var again = pair.ClientEndpoint.Connect(pair.Settings.ServerName, 0, 1350, 0, pair.Now);
        var first = First(pair, again);

        pair.TryAccept(pair.ServerEndpoint, first.ToArray(), 0, out var accepted, out _).Should().BeTrue();
        accepted!.Receive(first.ToArray(), 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
        accepted.Dispose();

        // The same token once more.
        pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out var answer).Should().BeFalse();
        (answer[0] >> 4).Should().Be(RetryType);
        using var third = pair.ClientEndpoint.Connect(pair.Settings.ServerName, 0, 1350, 0, pair.Now);
        PacketHeader.TryRead(First(pair, third), 8, out var header).Should().BeTrue();
        header.Token.Length.Should().Be(0);
    }

    [Fact]
    public void Client_that_comes_back_from_another_address_or_too_late_gets_a_Retry()
    {
        using var pair = Pair(retryAbove: 0);
        pair.Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        using var again = pair.ClientEndpoint.Connect(pair.Settings.ServerName, 0, 1350, 0, pair.Now);
        var first = First(pair, again);

        pair.ServerEndpoint.TryAccept(first, Arrival([10, 0, 0, 1]), pair.Now, new byte[1200], out _, out _)
            .Should().BeFalse();
        pair.ServerEndpoint.TryAccept(
            first, Arrival([192, 0, 2, 1]), pair.Now + TimeSpan.FromDays(1.1), new byte[1200], out _, out _)
            .Should().BeFalse();
        pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out _).Should().BeTrue();
    }

    [Fact]
    public void Servers_that_share_a_key_accept_each_others_tokens()
    {
        var key = Transfer.RandomBytes(32, seed: 9);
        using var pair = new QuicPair(1, settings =>
        {
            settings.ServerOptions.TokenKey = key;
            settings.ServerOptions.RetryAboveHandshakes = 0;
        });
        pair.TryAccept(pair.ServerEndpoint, First(pair), 0, out _, out var retry).Should().BeFalse();
        pair.Client.Receive(retry, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();
        using var other = new QuicEndpoint(
            pair.Settings.Tls,
            pair.Settings.Protectors,
            new QuicOptions { PreviousTokenKey = key, RetryAboveHandshakes = 0 },
            acceptConnections: true,
            new SeededRandom(77));

        pair.TryAccept(other, First(pair), 0, out _, out _).Should().BeTrue();
    }

    [Fact]
    public void Retry_is_asked_for_above_a_number_of_handshakes_only()
    {
        using var pair = Pair(retryAbove: 3);
        var accepted = 0;
        for (var count = 0; count < 10; count++)
            accepted += pair.TryAccept(pair.ServerEndpoint, NewClient(pair), 0, out _, out _) ? 1 : 0;

        accepted.Should().Be(3);
        pair.ServerEndpoint.HandshakeCount.Should().Be(3);
        foreach (var connection in pair.ServerEndpoint.Connections.ToArray())
            connection.Dispose();
        pair.ServerEndpoint.HandshakeCount.Should().Be(0);
        pair.Connect();
        pair.ServerEndpoint.HandshakeCount.Should().Be(0);
    }

    [Fact]
    public void Handshakes_beyond_the_bound_are_refused()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxHandshakes = 2);
        for (var count = 0; count < 2; count++)
            pair.TryAccept(pair.ServerEndpoint, NewClient(pair), 0, out _, out _).Should().BeTrue();

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        pair.Client.CloseReason.ErrorCode.Should().Be((ulong)QuicError.ConnectionRefused);
        pair.ServerEndpoint.Connections.Should().HaveCount(2);
    }

    [Fact]
    public void Refusals_are_limited_in_number()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.MaxHandshakes = 1);
        pair.TryAccept(pair.ServerEndpoint, NewClient(pair), 0, out _, out _).Should().BeTrue();
        var first = First(pair);

        var answers = 0;
        for (var count = 0; count < QuicEndpoint.MaxRefusalsPerSecond + 50; count++)
        {
            pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out var answer).Should().BeFalse();
            answers += answer.Length > 0 ? 1 : 0;
        }

        answers.Should().Be(QuicEndpoint.MaxRefusalsPerSecond);
    }

    [Fact]
    public void Server_with_much_to_send_uses_the_whole_allowance_and_waits()
    {
        using var pair = new QuicPair(1, settings => settings.Tls.ServerPaddingBytes = 20_000);
        var first = First(pair);
        pair.TryAccept(pair.ServerEndpoint, first, 0, out var server, out _).Should().BeTrue();
        server!.Receive(first, 0, EcnCodepoint.NotEct, pair.Now).Should().BeTrue();

        var sent = Drain(server, pair.Now, out var now);

        // A few bytes are too few for a packet.
        sent.Should().BeInRange(3 * first.Length - 40, 3 * first.Length);
        var end = pair.Now + TimeSpan.FromSeconds(9);
        for (var count = 0; count < 5 && server.NextTimeout is { } due && due < end; count++)
        {
            server.OnTimeout(due);
            Drain(server, due, out _).Should().Be(0);
        }

        // Bytes that can't be read count as well.
        server.Receive(Transfer.RandomBytes(100, seed: 1), 0, EcnCodepoint.NotEct, now);
        Drain(server, now, out _).Should().BeInRange(1, 300);
    }

    private static QuicPair Pair(int retryAbove) =>
        new(1, settings => settings.ServerOptions.RetryAboveHandshakes = retryAbove);

    private static QuicArrival Arrival(byte[] address) => new() { Address = address, MaxDatagramBytes = 1350 };

    private static byte[] First(QuicPair pair) => First(pair, pair.Client);

    private static byte[] First(QuicPair pair, QuicConnection client)
    {
        var room = new byte[2000];
        client.TryTransmit(room, 1, pair.Now, out var transmit).Should().BeTrue();
        return room[(transmit.Length - transmit.SegmentSize)..transmit.Length];
    }

    private static byte[] NewClient(QuicPair pair) =>
        First(pair, pair.ClientEndpoint.Connect("another.example", 0, 1350, 0, pair.Now));

    private static long Drain(QuicConnection connection, TimeSpan start, out TimeSpan now)
    {
        var room = new byte[64 * 1024];
        var before = connection.Statistics.SentBytes;
        now = start;
        for (var round = 0; round < 20; round++)
        {
            while (connection.TryTransmit(room, 16, now, out _))
            {
            }

            now += TimeSpan.FromMilliseconds(1);
        }

        return connection.Statistics.SentBytes - before;
    }

    private static Func<int> CountRetries(QuicPair pair, Action? then = null)
    {
        var retries = 0;
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (!fromServer || bytes[0] >> 4 != RetryType)
                return true;
            retries++;
            then?.Invoke();
            return true;
        };
        return () => retries;
    }
}
