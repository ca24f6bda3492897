namespace MqttScion.Quic.Tests;

public class TimeoutTests
{
    [Fact]
    public void Silence_for_the_idle_timeout_ends_both_sides()
    {
        using var pair = new QuicPair(1, settings =>
        {
            settings.ClientOptions.KeepAliveInterval = TimeSpan.Zero;
            settings.ServerOptions.KeepAliveInterval = TimeSpan.Zero;
            settings.ServerOptions.IdleTimeout = TimeSpan.FromSeconds(8);
        }).Connect();

        pair.Run(TimeSpan.FromSeconds(7.9));
        pair.Client.CloseReason.Should().BeNull();
        pair.Run(TimeSpan.FromSeconds(1));

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
        pair.Server!.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
        pair.Client.State.Should().Be(QuicConnectionState.Drained);
        pair.Client.NextTimeout.Should().BeNull();
    }

    [Fact]
    public void Keep_alive_of_one_side_keeps_the_connection_for_an_hour()
    {
        using var pair = new QuicPair(1, settings => settings.ServerOptions.KeepAliveInterval = TimeSpan.Zero)
            .Connect();

        pair.Run(TimeSpan.FromHours(1));

        pair.Client.CloseReason.Should().BeNull();
        pair.Server!.CloseReason.Should().BeNull();
        pair.Links[0].DatagramCount.Should().BeLessThan(720 * 3);
    }

    [Fact]
    public void Keep_alive_comes_in_time_for_a_peer_that_waits_for_less()
    {
        using var pair = new QuicPair(1, settings =>
        {
            settings.ServerOptions.KeepAliveInterval = TimeSpan.Zero;
            settings.ServerOptions.IdleTimeout = TimeSpan.FromSeconds(2);
        }).Connect();

        pair.Run(TimeSpan.FromMinutes(1));

        pair.Client.CloseReason.Should().BeNull();
        pair.Server!.CloseReason.Should().BeNull();
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(5, 20)]
    [InlineData(10, 100)]
    public void Keep_alive_for_a_peer_with_a_tiny_idle_timeout_heeds_the_round_trip(int milliseconds, int roundTripMs)
    {
        using var pair = new QuicPair(1, settings =>
        {
            settings.ServerOptions.KeepAliveInterval = TimeSpan.Zero;
            settings.Tls.Rewrite = (isServer, encoded) => isServer
                ? [.. EncodedParameters.Without(encoded, 0x01), 0x01, 1, (byte)milliseconds]
                : encoded;
        });
        pair.Links[0].Delay = TimeSpan.FromMilliseconds(roundTripMs / 2);
        pair.Connect();
        pair.Run(TimeSpan.FromSeconds(2));
        var before = pair.Links[0].DatagramCount;

        pair.Run(TimeSpan.FromSeconds(10));

        pair.Client.CloseReason.Should().BeNull();
        pair.Server!.CloseReason.Should().BeNull();
        // RFC 9000 §10.1: the timeout is at least three PTOs; half of that, PING and acknowledgement.
        var leastInterval = TimeSpan.FromMilliseconds(1.5 * roundTripMs);
        (pair.Links[0].DatagramCount - before).Should()
            .BeLessThan((int)(2 * (TimeSpan.FromSeconds(10) / leastInterval)) + 10);
    }

    [Fact]
    public void Keep_alive_does_not_keep_a_connection_whose_peer_is_gone()
    {
        using var pair = new QuicPair().Connect();
        pair.Links[0].IsDown = true;
        var before = pair.Now;

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
        (pair.Now - before).Should().BeLessThan(TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void Handshake_that_nobody_answers_times_out()
    {
        using var pair = new QuicPair();
        pair.Links[0].IsDown = true;
        var before = pair.Now;

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.Kind.Should().Be(QuicCloseKind.HandshakeTimeout);
        (pair.Now - before).Should().Be(TimeSpan.FromSeconds(10));
        pair.Links[0].DatagramCount.Should().BeInRange(4, 16);
    }

    [Fact]
    public void Server_sends_no_more_than_three_times_what_an_unproven_client_sent()
    {
        using var pair = new QuicPair(1, settings => settings.Tls.PaddingBytes = 9000);
        var (fromClient, fromServer) = (0, 0);
        var isOver = false;
        pair.Tap = (isServer, _, bytes) =>
        {
            if (isServer)
                fromServer += bytes.Length;
            else
                fromClient += bytes.Length;
            isOver |= fromServer > 3 * fromClient;
            // The client's Handshake packets never arrive, so the server can't know that it is real.
            return isServer || bytes[0] >> 4 == 0x0c;
        };

        pair.Run(TimeSpan.FromSeconds(9));

        isOver.Should().BeFalse();
        fromServer.Should().BePositive();
    }

    [Fact]
    public void Handshake_whose_flights_get_lost_one_by_one_still_succeeds()
    {
        for (var lost = 0; lost < 12; lost++)
        {
            using var pair = new QuicPair(1, settings => settings.Tls.PaddingBytes = 3500);
            var count = 0;
            var skipped = lost;
            pair.Tap = (_, _, _) => count++ != skipped;

            pair.Connect();
        }
    }

    [Fact]
    public void Delayed_acknowledgement_leaves_after_25_ms()
    {
        using var pair = new QuicPair().Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write([1]);
        var start = pair.Now;
        TimeSpan? answered = null;
        pair.Tap = (fromServer, _, _) =>
        {
            if (fromServer)
                answered ??= pair.Now;
            return true;
        };

        pair.RunUntil(() => stream.IsEverythingAcknowledged).Should().BeTrue();

        (answered - start).Should().Be(TimeSpan.FromMilliseconds(35));
    }
}
