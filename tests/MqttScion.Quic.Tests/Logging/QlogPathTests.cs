namespace MqttScion.Quic.Tests;

/// <summary>Traces of paths, keys and packets that nobody wants.</summary>
public class QlogPathTests
{
    private static readonly byte[] Ping = [0x01];

    private readonly MemorySink _client = new();
    private readonly MemorySink _server = new();

    [Fact]
    public void Switch_of_the_path_is_told_on_both_sides()
    {
        using var pair = Pair().Connect();
        pair.AddPath(1);
        pair.Client.SelectPath(1, pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        var (client, server) = Finish(pair);

        foreach (var trace in new[] { client, server })
        {
            trace.Named("connectivity:path_assigned").Select(item => item.Text("path_id")).Should().Equal("0", "1");
            var states = trace.Named("connectivity:migration_state_updated").Select(item => item.Text("new"));
            states.Distinct().Should().BeEquivalentTo("migration_complete", "probing_started", "probing_successful");
            states.Count(state => state == "migration_complete").Should().Be(1);
            states.Should().EndWith("probing_successful");
            trace.FramesOf("transport:packet_sent", "path_challenge").Should().NotBeEmpty();
            trace.Named("transport:packet_sent").Should().Contain(item => item.Path == "1")
                .And.Contain(item => item.Path == null);
        }
    }

    [Fact]
    public void Key_updates_are_told_with_their_generation()
    {
        using var pair = Pair(settings => settings.ClientOptions.KeyUpdatePackets = 50).Connect();
        pair.EchoOnServer();
        pair.Echo(new byte[400_000]);
        pair.Run(TimeSpan.FromSeconds(2));
        var updates = pair.Client.Statistics.KeyUpdates;
        var (client, server) = Finish(pair);

        updates.Should().BeGreaterThan(1);
        Generations(client, "local_update").Should().Equal(Enumerable.Range(1, updates));
        Generations(server, "remote_update").Should().Equal(Enumerable.Range(1, pair.Server!.KeyUpdateCount));
        // The last old key is kept until something comes with the new one.
        var discarded = client.Named("security:key_discarded")
            .Where(item => item.Text("key_type") == "server_1rtt_secret")
            .Select(item => int.Parse(item.Text("generation")!)).ToArray();
        discarded.Length.Should().BeInRange(updates - 1, updates);
        discarded.Should().Equal(Enumerable.Range(0, discarded.Length));
    }

    [Fact]
    public void Dropped_packets_are_told_with_the_cause()
    {
        using var pair = Pair().Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        var forged = PacketForge.OneRtt(pair, toServer: true, 1000, Ping);
        forged[^1] ^= 1;
        var twice = PacketForge.OneRtt(pair, toServer: true, 1001, Ping);
        var handshake = PacketForge.Handshake(pair, toServer: true, 5, Ping);
        foreach (var datagram in new[] { forged, twice.ToArray(), twice.ToArray(), handshake, [0x00, 0x01] })
            pair.Server!.Receive(datagram, 0, EcnCodepoint.NotEct, pair.Now);
        var dropped = pair.Server!.Statistics.DroppedPackets;
        var (_, server) = Finish(pair);

        var events = server.Named("transport:packet_dropped").ToArray();
        events.Should().HaveCount((int)dropped);
        events.Select(item => item.Data.GetProperty("details").GetProperty("cause").GetString()).Should().Equal(
            "payload_decrypt_error", "duplicate", "key_unavailable", "header_parse_error");
    }

    [Fact]
    public void Packets_before_their_keys_are_told_as_buffered_and_then_as_received()
    {
        using var pair = Pair(settings => settings.Tls.ServerPaddingBytes = 3000);
        var isHeld = false;
        byte[]? held = null;
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (!fromServer || isHeld || PacketHeader.TryRead(bytes, LocalConnectionIds.IdLength, out var header) &&
                header.Type != PacketType.Initial)
                return true;
            // The ServerHello is overtaken by what follows it.
            isHeld = true;
            held = bytes.ToArray();
            return false;
        };
        pair.RunUntil(() => held is not null).Should().BeTrue();
        pair.Run(TimeSpan.FromMilliseconds(15));
        pair.Inject(toServer: false, held!);
        pair.Connect();
        var (client, _) = Finish(pair);

        client.Named("transport:packet_buffered").Should().NotBeEmpty()
            .And.OnlyContain(item => item.Text("trigger") == "keys_unavailable");
    }

    [Fact]
    public void Server_leaves_no_trace_of_a_forged_first_datagram()
    {
        using var pair = Pair();
        byte[]? first = null;
        pair.Tap = (_, _, bytes) =>
        {
            first ??= bytes.ToArray();
            return false;
        };
        pair.Flush();
        first![^1] ^= 1;

        pair.TryAccept(pair.ServerEndpoint, first, 0, out _, out _).Should().BeFalse();

        _server.Bytes.Should().BeEmpty();
        _server.CompleteCount.Should().Be(0);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    public void Sink_that_fails_ends_the_trace_and_not_the_connection(bool throws, int after)
    {
        var sink = new MemorySink
        {
            Accept = count => count < after || (throws ? throw new IOException("disk full") : false),
        };
        using var pair = new QuicPair(1, settings => settings.ClientOptions.Qlog = _ => sink).Connect();
        pair.EchoOnServer();
        var data = Transfer.RandomBytes(200_000, 1);

        pair.Echo(data).AsSpan().SequenceEqual(data).Should().BeTrue();

        sink.CompleteCount.Should().Be(1);
        sink.WriteCount.Should().Be(after + 1);
        pair.ClientEvents.Count(item => item.Kind == QuicEventKind.QlogFailed).Should().Be(1);
        if (after > 0)
            QlogFile.Read(sink.Bytes).Events.Should().NotBeEmpty();
    }

    [Fact]
    public void Owner_that_gives_no_sink_or_throws_gets_a_connection()
    {
        using var none = new QuicPair(1, settings => settings.ClientOptions.Qlog = _ => null).Connect();
        using var broken = new QuicPair(
            1, settings => settings.ServerOptions.Qlog = _ => throw new IOException("no such directory")).Connect();

        none.ClientEvents.Should().NotContain(item => item.Kind == QuicEventKind.QlogFailed);
        broken.ServerEvents.Count(item => item.Kind == QuicEventKind.QlogFailed).Should().Be(1);
    }

    [Fact]
    public void Owner_is_told_the_connection_by_the_id_that_both_sides_know()
    {
        var asked = new List<QlogConnection>();
        using var pair = new QuicPair(1, settings =>
        {
            settings.ClientOptions.Qlog = settings.ServerOptions.Qlog = connection =>
            {
                asked.Add(connection);
                return null;
            };
        }).Connect();

        var id = pair.Client.OriginalDestinationId.ToString();
        asked.Select(item => item.FileName).Should().Equal($"{id}_client.sqlog", $"{id}_server.sqlog");
        asked[1].PeerAddress.ToArray().Should().Equal(pair.ClientAddress);
    }

    private static IEnumerable<int> Generations(QlogFile trace, string trigger) =>
        from item in trace.Named("security:key_updated")
        where item.Text("trigger") == trigger && item.Text("key_type") == "client_1rtt_secret"
        select int.Parse(item.Text("generation")!);

    private QuicPair Pair(Action<PairSettings>? configure = null) => new(1, settings =>
    {
        settings.ClientOptions.Qlog = _ => _client;
        settings.ServerOptions.Qlog = _ => _server;
        configure?.Invoke(settings);
    });

    private (QlogFile Client, QlogFile Server) Finish(QuicPair pair)
    {
        pair.Client.Dispose();
        pair.Server!.Dispose();
        return (QlogFile.Read(_client.Bytes), QlogFile.Read(_server.Bytes));
    }
}
