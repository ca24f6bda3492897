namespace MqttScion.Quic.Tests;

/// <summary>Resumption and 0-RTT with the toy handshake.</summary>
public class EarlyDataTests
{
    private static readonly byte[] Hello = [1, 2, 3, 4, 5];

    [Fact]
    public void Ticket_comes_up_and_resumes_the_next_connection()
    {
        using var first = new QuicPair(1, static settings => settings.Tls.IssuesTickets = true).Connect();
        first.Run(TimeSpan.FromMilliseconds(100));

        first.ClientEvents.Count(item => item.Kind == QuicEventKind.SessionTicketReceived).Should().Be(1);
        first.Client.TryTakeSessionTicket(out var ticket).Should().BeTrue();
        first.Client.TryTakeSessionTicket(out _).Should().BeFalse();
        first.Client.IsResumed.Should().BeFalse();
        using var second = new QuicPair(2, settings => Resume(settings, ticket!, early: false)).Connect();

        second.Client.IsResumed.Should().BeTrue();
        second.Server!.IsResumed.Should().BeTrue();
        second.Client.EarlyDataAccepted.Should().BeNull();
    }

    [Fact]
    public void Ticket_for_another_name_or_out_of_time_is_not_used()
    {
        var ticket = Ticket();
        using var other = new QuicPair(1, settings =>
        {
            Resume(settings, ticket);
            settings.ServerName = "other.example";
        }).Connect();
        using var late = new QuicPair(1, settings =>
        {
            Resume(settings, ticket);
            settings.ClientOptions.ClockOrigin += ticket.Lifetime;
        }).Connect();

        other.Client.IsResumed.Should().BeFalse();
        late.Client.IsResumed.Should().BeFalse();
    }

    [Fact]
    public void Early_data_is_read_before_the_handshake_is_done()
    {
        using var pair = new QuicPair(1, settings => Resume(settings, Ticket()));
        var stream = Open(pair, Hello);

        pair.RunUntil(() => pair.Server?.TryGetStream(0, out _) == true).Should().BeTrue();

        pair.Now.Should().Be(TimeSpan.FromHours(1) + pair.Links[0].Delay, "half a round trip is enough");
        pair.Server!.State.Should().Be(QuicConnectionState.Handshaking);
        pair.Server.EarlyDataAccepted.Should().BeTrue();
        pair.Server.TryGetStream(0, out var received).Should().BeTrue();
        received!.IsEarlyData.Should().BeTrue();
        var room = new byte[10];
        received.Read(room).Should().Be(Hello.Length);
        pair.Connect();
        pair.Client.EarlyDataAccepted.Should().BeTrue();
        pair.Client.CanSendEarlyData.Should().BeFalse();
        pair.RunUntil(() => stream.IsEverythingAcknowledged).Should().BeTrue();
        pair.ClientEvents.Should().Contain(item => item.Kind == QuicEventKind.EarlyDataReady)
            .And.NotContain(item => item.Kind == QuicEventKind.EarlyDataRejected);
    }

    [Fact]
    public void Answer_to_early_data_comes_with_the_servers_first_flight()
    {
        using var pair = new QuicPair(1, settings => Resume(settings, Ticket()));
        pair.EchoOnServer();
        var stream = Open(pair, Hello);

        pair.RunUntil(() => stream.ReadableBytes == Hello.Length).Should().BeTrue();

        pair.Now.Should().Be(TimeSpan.FromHours(1) + pair.Links[0].Delay * 2);
    }

    [Fact]
    public void Data_on_a_stream_without_early_data_is_not_marked()
    {
        using var pair = new QuicPair(1, settings => Resume(settings, Ticket())).Connect();
        Open(pair, Hello);

        pair.RunUntil(() => pair.Server!.TryGetStream(0, out _)).Should().BeTrue();

        pair.Server!.TryGetStream(0, out var received).Should().BeTrue();
        received!.IsEarlyData.Should().BeFalse();
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Early_data_is_off_unless_both_sides_ask_for_it(bool client, bool server)
    {
        using var pair = new QuicPair(1, settings =>
        {
            Resume(settings, Ticket());
            settings.ClientOptions.EarlyData = client;
            settings.ServerOptions.EarlyData = server;
        });
        pair.Client.CanSendEarlyData.Should().Be(client);
        pair.Client.TryOpenStream(true, out var stream).Should().Be(client);
        stream?.Write(Hello);

        pair.Connect();

        pair.Server!.EarlyDataAccepted.Should().BeNull();
        pair.Client.EarlyDataAccepted.Should().Be(client ? false : null);
        if (client)
            AssertArrives(pair, 0, Hello, isEarly: false);
    }

    [Fact]
    public void Rejected_early_data_is_sent_again_on_the_same_streams()
    {
        using var pair = new QuicPair(1, settings =>
        {
            Resume(settings, Ticket());
            settings.Tls.RejectsEarlyData = true;
        });
        var data = Transfer.RandomBytes(20_000, seed: 1);
        var first = Open(pair, data);
        var empty = Open(pair, []);
        empty.Finish();
        var reset = Open(pair, Hello);
        pair.Flush();
        reset.Reset(9);
        pair.Connect();

        pair.Client.EarlyDataAccepted.Should().BeFalse();
        pair.ClientEvents.Count(item => item.Kind == QuicEventKind.EarlyDataRejected).Should().Be(1);
        AssertArrives(pair, first.Id, data, isEarly: false);
        pair.RunUntil(() => empty.IsEverythingAcknowledged).Should().BeTrue();
        pair.Server!.TryGetStream(empty.Id, out var received).Should().BeTrue();
        received!.IsReadFinished.Should().BeTrue();
        pair.ServerEvents.Should().Contain(item =>
            item.Kind == QuicEventKind.StreamReset && item.StreamId == reset.Id && item.ErrorCode == 9);
        pair.Client.CloseReason.Should().BeNull();
    }

    [Fact]
    public void Rejected_early_data_keeps_to_limits_that_are_lower_now()
    {
        using var pair = new QuicPair(1, settings =>
        {
            Resume(settings, Ticket());
            settings.Tls.RejectsEarlyData = true;
            settings.ServerOptions.StreamWindowBytes = 4096;
            settings.ServerOptions.ConnectionWindowBytes = 64 * 1024;
            settings.ServerOptions.MaxBidirectionalStreams = 1;
        });
        var data = Transfer.RandomBytes(10_000, seed: 1);
        var streams = Enumerable.Range(0, 3).Select(_ => Open(pair, data)).ToArray();
        foreach (var stream in streams)
            stream.Finish();
        var received = new Dictionary<long, List<byte>>();
        pair.OnEvent = (fromServer, item) => Collect(pair, fromServer, item, received);

        pair.RunUntil(() => received.Count == 3 && received.Values.All(bytes => bytes.Count == data.Length))
            .Should().BeTrue(pair.Client.CloseReason?.Reason);

        pair.Server!.CloseReason.Should().BeNull();
        received.Values.Should().AllSatisfy(bytes => bytes.Should().Equal(data));
    }

    [Fact]
    public void Early_data_goes_out_again_after_a_Retry()
    {
        using var pair = new QuicPair(1, settings =>
        {
            Resume(settings, Ticket());
            settings.ServerOptions.RetryAboveHandshakes = 0;
        });
        Open(pair, Hello);

        pair.RunUntil(() => pair.Server?.TryGetStream(0, out _) == true).Should().BeTrue();

        pair.Server!.State.Should().Be(QuicConnectionState.Handshaking);
        AssertArrives(pair, 0, Hello, isEarly: true);
        pair.Connect();
    }

    [Fact]
    public void Early_data_that_overtakes_the_Initial_is_kept()
    {
        using var pair = new QuicPair(1, settings => Resume(settings, Ticket()));
        var held = new List<byte[]>();
        pair.Tap = (_, _, bytes) =>
        {
            held.Add(bytes.ToArray());
            return false;
        };
        Open(pair, Transfer.RandomBytes(4000, seed: 2));
        pair.Flush();
        held.Count.Should().BeGreaterThan(2);
        pair.Tap = null;

        foreach (var datagram in Enumerable.Reverse(held))
            pair.Inject(toServer: true, datagram);
        pair.RunUntil(() => pair.Server is not null).Should().BeTrue();

        pair.Server!.TryGetStream(0, out var received).Should().BeTrue();
        received!.ReadableBytes.Should().Be(4000);
    }

    [Fact]
    public void Strays_are_bounded()
    {
        using var pair = new QuicPair(1, static settings => settings.ServerOptions.EarlyData = true);
        for (var index = 0; index < 1000; index++)
        {
            var id = Transfer.RandomBytes(8, index / 20);
            byte[] datagram = [0xd3, 0, 0, 0, 1, 8, .. id, 0, 0x40, 30, .. new byte[30]];
            pair.TryAccept(pair.ServerEndpoint, datagram, 0, out _, out _).Should().BeFalse();
        }

        pair.ServerEndpoint.Strays.Count.Should().Be(StrayEarlyPackets.MaxPackets);
    }

    [Fact]
    public void Server_forgets_the_keys_of_early_data_soon_after_the_handshake()
    {
        using var pair = new QuicPair(1, settings => Resume(settings, Ticket())).Connect();
        byte[] ping = [1];
        Deliver(pair, PacketForge.ZeroRtt(pair, 5000, ping)).Should().BeTrue();

        pair.Run(TimeSpan.FromSeconds(2));

        Deliver(pair, PacketForge.ZeroRtt(pair, 5001, ping)).Should().BeFalse();
    }

    [Fact]
    public void Client_takes_no_early_data()
    {
        using var pair = new QuicPair(1, settings => Resume(settings, Ticket())).Connect();

        pair.Client.Receive(PacketForge.ZeroRtt(pair, 5000, [1], toServer: false), 0, EcnCodepoint.NotEct, pair.Now)
            .Should().BeFalse();

        pair.Client.CloseReason.Should().BeNull();
    }

    [Fact]
    public void Client_with_only_early_data_in_flight_goes_on_probing()
    {
        using var pair = new QuicPair(1, settings =>
        {
            Resume(settings, Ticket());
            settings.TlsStepTime = TimeSpan.FromSeconds(1);
        });
        pair.RunUntil(() => pair.Client.CanSendEarlyData).Should().BeTrue();
        Open(pair, Hello);
        var (answers, probes) = (0, 0);
        // The server acknowledges the Initial while its TLS is busy, and then can say nothing more by its own.
        pair.Tap = (fromServer, _, _) =>
        {
            answers += fromServer ? 1 : 0;
            probes += !fromServer && answers > 0 ? 1 : 0;
            return !fromServer || answers == 1;
        };

        pair.Run(TimeSpan.FromMilliseconds(800));

        answers.Should().BePositive();
        probes.Should().BeInRange(3, 20);
    }

    [Theory]
    [InlineData(1, false, 0)]
    [InlineData(2, false, 0)]
    [InlineData(3, false, 15)]
    [InlineData(4, false, 40)]
    [InlineData(5, true, 0)]
    [InlineData(6, true, 0)]
    [InlineData(7, true, 15)]
    [InlineData(8, true, 40)]
    [InlineData(9, false, 0)]
    [InlineData(10, true, 0)]
    public void Early_data_on_a_bad_link_arrives_whole_and_once(int seed, bool isRejected, int stepMilliseconds)
    {
        using var pair = new QuicPair(seed, settings =>
        {
            Resume(settings, Ticket());
            settings.Tls.RejectsEarlyData = isRejected;
            settings.Tls.ServerPaddingBytes = 3000 * (seed % 3);
            if (stepMilliseconds > 0)
                settings.TlsStepTime = TimeSpan.FromMilliseconds(stepMilliseconds);
            settings.ServerOptions.RetryAboveHandshakes = seed % 2 == 0 ? 0 : 100;
        });
        var link = pair.Links[0];
        (link.Loss, link.Reorder, link.Duplication, link.Corruption) = (0.1, 0.2, 0.1, 0.03);
        pair.EchoOnServer();
        pair.RunUntil(() => pair.Client.CanSendEarlyData).Should().BeTrue();
        var data = Transfer.RandomBytes(60_000, seed);

        pair.Echo(data, TimeSpan.FromMinutes(10)).AsSpan().SequenceEqual(data).Should().BeTrue();

        pair.Client.EarlyDataAccepted.Should().Be(!isRejected);
        pair.Connect();
    }

    /// <summary>Gives a ticket for early data from a connection of its own.</summary>
    internal static QuicSessionTicket Ticket(Action<PairSettings>? configure = null)
    {
        using var pair = new QuicPair(1, settings =>
        {
            settings.Tls.IssuesTickets = true;
            settings.ServerOptions.EarlyData = true;
            configure?.Invoke(settings);
        }).Connect();
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Client.TryTakeSessionTicket(out var ticket).Should().BeTrue();
        ticket!.AllowsEarlyData.Should().BeTrue();
        return ticket;
    }

    /// <summary>Makes a pair's client use a ticket, some time later.</summary>
    internal static void Resume(PairSettings settings, QuicSessionTicket ticket, bool early = true)
    {
        settings.Ticket = ticket;
        settings.ClientOptions.ClockOrigin += TimeSpan.FromMinutes(1);
        settings.ClientOptions.EarlyData = early;
        settings.ServerOptions.EarlyData = early;
    }

    private static QuicStream Open(QuicPair pair, byte[] data)
    {
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(data).Should().Be(data.Length);
        return stream;
    }

    private static bool Deliver(QuicPair pair, byte[] datagram) =>
        pair.Server!.Receive(datagram, 0, EcnCodepoint.NotEct, pair.Now);

    private static void AssertArrives(QuicPair pair, long id, byte[] data, bool isEarly)
    {
        QuicStream? stream = null;
        pair.RunUntil(() => pair.Server!.TryGetStream(id, out stream) && stream.ReadableBytes == data.Length)
            .Should().BeTrue();
        var room = new byte[data.Length];
        stream!.Read(room);
        room.Should().Equal(data);
        stream.IsEarlyData.Should().Be(isEarly);
    }

    private static void Collect(
        QuicPair pair, bool fromServer, QuicEvent item, Dictionary<long, List<byte>> received)
    {
        if (!fromServer || item.Kind != QuicEventKind.StreamReadable ||
            !pair.Server!.TryGetStream(item.StreamId, out var stream))
            return;
        if (!received.TryGetValue(item.StreamId, out var bytes))
            received[item.StreamId] = bytes = [];
        var room = new byte[1000];
        while (stream.Read(room) is > 0 and var length)
            bytes.AddRange(room[..length]);
        if (stream.IsReadFinished)
            stream.Finish();
    }
}
