namespace MqttScion.Quic.Tests;

/// <summary>TLS whose steps are computed elsewhere while the connection goes on.</summary>
public class BusyTlsTests
{
    private static readonly TimeSpan StepTime = TimeSpan.FromMilliseconds(30);

    [Fact]
    public void Connect_with_slow_steps_confirms_on_both_sides()
    {
        using var pair = Slow().Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(100_000, seed: 7);

        pair.Echo(data).Should().Equal(data);

        pair.Client.IsAwaitingTls.Should().BeFalse();
        pair.Client.Statistics.DroppedPackets.Should().Be(0);
        pair.Server!.Statistics.DroppedPackets.Should().Be(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Echo_with_slow_steps_on_a_bad_link_returns_the_bytes(int seed)
    {
        using var pair = Slow(seed, settings =>
        {
            settings.TlsStepTime = TimeSpan.FromMilliseconds(10 * seed);
            settings.Tls.PaddingBytes = 900 * (seed % 4);
            settings.Tls.ServerPaddingBytes = 2500 * (seed % 3);
        });
        var link = pair.Links[0];
        (link.Loss, link.Reorder, link.Duplication, link.Corruption) = (0.1, 0.2, 0.1, 0.05);
        pair.Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(50_000, seed);

        pair.Echo(data, TimeSpan.FromMinutes(10)).AsSpan().SequenceEqual(data).Should().BeTrue();
    }

    [Fact]
    public void Client_sends_nothing_before_its_hello_is_there()
    {
        using var pair = Manual(out var clients, out _);
        pair.Client.OnTimeout(pair.Now + TimeSpan.FromSeconds(1));

        pair.Client.TryTransmit(new byte[2000], 1, pair.Now, out _).Should().BeFalse();
        pair.Client.IsAwaitingTls.Should().BeTrue();

        clients.Sessions[0].Finish();
        pair.Client.TryTransmit(new byte[2000], 1, pair.Now, out _).Should().BeFalse("the owner has not said so");
        pair.Client.OnTlsProgress(pair.Now);
        pair.Client.TryTransmit(new byte[2000], 1, pair.Now, out _).Should().BeTrue();
    }

    [Fact]
    public void Progress_that_is_told_too_early_changes_nothing()
    {
        using var pair = Manual(out _, out _);

        pair.Client.OnTlsProgress(pair.Now);

        pair.Client.IsAwaitingTls.Should().BeTrue();
        pair.Client.TryTransmit(new byte[2000], 1, pair.Now, out _).Should().BeFalse();
    }

    [Fact]
    public void Server_acknowledges_the_hello_while_TLS_is_busy()
    {
        using var pair = ServerWithHello(out _, out _);

        pair.Server!.IsAwaitingTls.Should().BeTrue();
        pair.Server.Statistics.SentPackets.Should().Be(1);
    }

    [Fact]
    public void Packets_that_need_keys_of_a_busy_step_are_read_after_it()
    {
        using var pair = ServerWithHello(out var clients, out var servers);
        servers.Sessions[0].Finish();
        pair.Server!.OnTlsProgress(pair.Now);
        pair.RunUntil(() => pair.Client.IsAwaitingTls).Should().BeTrue();
        pair.Client.Statistics.DroppedPackets.Should().Be(0);

        for (var step = 0; step < 5 && pair.Client.State != QuicConnectionState.Connected; step++)
        {
            clients.Sessions[0].Finish();
            pair.Client.OnTlsProgress(pair.Now);
        }

        pair.Client.State.Should().Be(QuicConnectionState.Connected);
    }

    [Fact]
    public void Data_that_follows_the_last_message_of_its_level_fails_after_the_step()
    {
        using var pair = ServerWithHello(out _, out var servers);
        pair.Server!.Receive(
            PacketForge.Initial(pair, toServer: true, 9, CryptoAt(servers, 0, 5)), 0, EcnCodepoint.NotEct, pair.Now);
        pair.Server.CloseReason.Should().BeNull();

        servers.Sessions[0].Finish();
        pair.Server.OnTlsProgress(pair.Now);

        pair.Server.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ProtocolViolation);
    }

    [Fact]
    public void Data_beyond_a_gap_of_a_level_that_is_over_fails_after_the_step()
    {
        using var pair = ServerWithHello(out _, out var servers);
        pair.Server!.Receive(
            PacketForge.Initial(pair, toServer: true, 9, CryptoAt(servers, 3, 5)), 0, EcnCodepoint.NotEct, pair.Now);

        servers.Sessions[0].Finish();
        pair.Server.OnTlsProgress(pair.Now);

        pair.Server.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ProtocolViolation);
    }

    [Fact]
    public void Data_beyond_the_bound_fails_while_TLS_is_busy()
    {
        using var pair = ServerWithHello(out _, out _);

        pair.Server!.Receive(
            PacketForge.Initial(pair, toServer: true, 9, Convert.FromHexString("06800200000141")),
            0,
            EcnCodepoint.NotEct,
            pair.Now);

        pair.Server.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.CryptoBufferExceeded);
    }

    [Fact]
    public void Close_while_TLS_is_busy_is_told_and_outlasts_the_step()
    {
        using var pair = ServerWithHello(out _, out var servers);

        pair.Server!.Close(1, "no", pair.Now);
        servers.Sessions[0].Finish();
        pair.Server.OnTlsProgress(pair.Now);
        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Server.State.Should().Be(QuicConnectionState.Closing);
        pair.Client.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.ApplicationError);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Handshake_that_is_busy_for_too_long_times_out(bool onServer)
    {
        using var pair = onServer ? ServerWithHello(out _, out _) : Manual(out _, out _);
        var connection = onServer ? pair.Server! : pair.Client;

        pair.RunUntil(() => connection.State == QuicConnectionState.Drained).Should().BeTrue();

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.HandshakeTimeout);
    }

    [Fact]
    public void Connection_that_is_disposed_while_TLS_is_busy_leaves_it_until_the_step_is_through()
    {
        using var pair = Manual(out var clients, out _);
        var tls = clients.Sessions[0];

        pair.Client.Dispose();
        tls.IsDisposed.Should().BeTrue();
        tls.IsReleased.Should().BeFalse();
        tls.Finish();
        pair.Client.OnTlsProgress(pair.Now);

        tls.IsReleased.Should().BeTrue();
        pair.Client.State.Should().Be(QuicConnectionState.Drained);
    }

    [Fact]
    public void Failure_of_a_busy_step_closes_with_its_alert()
    {
        using var pair = Slow(1, settings => settings.Tls.LateRejection = 42);

        pair.RunUntil(() => pair.Client.CloseReason is not null).Should().BeTrue();

        pair.Client.CloseReason!.ErrorCode.Should().Be(0x12a);
    }

    private static QuicPair Slow(int seed = 1, Action<PairSettings>? configure = null) => new(seed, settings =>
    {
        settings.TlsStepTime = StepTime;
        configure?.Invoke(settings);
    });

    /// <summary>A pair whose steps end by hand; the client is about to make its hello.</summary>
    private static QuicPair Manual(out SlowTlsFactory clients, out SlowTlsFactory servers)
    {
        SlowTlsFactory? client = null, server = null;
        var pair = new QuicPair(1, settings =>
        {
            settings.ClientTls = client = new SlowTlsFactory(settings.Tls, TimeSpan.MaxValue, NoClock);
            settings.ServerTls = server = new SlowTlsFactory(settings.Tls, TimeSpan.MaxValue, NoClock);
        });
        (clients, servers) = (client!, server!);
        return pair;
    }

    /// <summary>A pair whose server has just begun to work on the hello.</summary>
    private static QuicPair ServerWithHello(out SlowTlsFactory clients, out SlowTlsFactory servers)
    {
        var pair = Manual(out clients, out servers);
        var started = servers;
        foreach (var tls in clients.Sessions)
            tls.Finish();
        pair.Client.OnTlsProgress(pair.Now);
        pair.RunUntil(() => started.Sessions.Count > 0).Should().BeTrue();
        servers.Sessions[0].Finish();
        pair.Server!.OnTlsProgress(pair.Now);
        return pair;
    }

    private static TimeSpan NoClock() => TimeSpan.Zero;

    // A byte of CRYPTO data some way behind the hello.
    private static byte[] CryptoAt(SlowTlsFactory servers, int gap, byte value)
    {
        var offset = servers.Sessions[0].BytesRead + gap;
        return [0x06, (byte)(0x40 | (offset >> 8)), (byte)offset, 0x01, value];
    }
}
