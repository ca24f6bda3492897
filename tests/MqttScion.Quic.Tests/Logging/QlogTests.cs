using System.Text;

namespace MqttScion.Quic.Tests;

/// <summary>Traces of whole sessions: what they tell is what happened.</summary>
public class QlogTests
{
    private const string Sent = "transport:packet_sent";
    private const string Received = "transport:packet_received";

    private readonly MemorySink _client = new();
    private readonly MemorySink _server = new();

    [Fact]
    public void Trace_of_a_session_is_a_JSON_text_sequence_of_the_schema()
    {
        using (var pair = Pair().Connect())
        {
            pair.EchoOnServer();
            pair.Echo(new byte[100_000]);
            pair.Client.Close(7, "enough", pair.Now);
            pair.RunUntil(() => pair.Server!.State == QuicConnectionState.Drained).Should().BeTrue();
        }

        var client = QlogFile.Read(_client.Bytes);
        var server = QlogFile.Read(_server.Bytes);
        Vantage(client).Should().Be("client");
        Vantage(server).Should().Be("server");
        // Tools put both sides of a connection together by this.
        GroupId(client).Should().Be(GroupId(server));
        _client.CompleteCount.Should().Be(1);
        _server.CompleteCount.Should().Be(1);
    }

    [Fact]
    public void Events_of_a_connection_come_in_the_order_of_its_life()
    {
        using (var pair = Pair().Connect())
        {
            pair.Client.Close(7, "enough", pair.Now);
            pair.RunUntil(() => pair.Server!.State == QuicConnectionState.Drained).Should().BeTrue();
        }

        var client = QlogFile.Read(_client.Bytes);
        client.Events[0].Name.Should().Be("connectivity:connection_started");
        client.Events[0].Text("src_ip").Should().Be("1-ff00:0:110,10.0.0.1");
        States(client).Should().Equal(
            "attempted", "handshake_started", "handshake_complete", "handshake_confirmed", "closing", "closed");
        States(QlogFile.Read(_server.Bytes)).Should().Equal(
            "attempted", "handshake_started", "handshake_complete", "handshake_confirmed", "draining", "closed");
        client.Named("transport:alpn_information").Single().Text("chosen_alpn").Should().Be("mqtt");
        client.Named("transport:parameters_set").Select(item => item.Text("owner")).Should().Equal("local", "remote");
        client.Named("security:key_updated").Select(item => item.Text("key_type")).Should().OnlyHaveUniqueItems()
            .And.HaveCount(6);
        client.Named("security:key_discarded").Should().HaveCount(4);
        client.Events[^1].Name.Should().Be("connectivity:connection_state_updated");
    }

    [Fact]
    public void Close_is_told_with_code_and_reason_on_both_sides()
    {
        using (var pair = Pair().Connect())
        {
            pair.Client.Close(7, "enough \"quoted\" \u2603", pair.Now);
            pair.RunUntil(() => pair.Server!.CloseReason is not null).Should().BeTrue();
        }

        foreach (var (trace, owner) in new[]
        {
            (QlogFile.Read(_client.Bytes), "local"), (QlogFile.Read(_server.Bytes), "remote"),
        })
        {
            var closed = trace.Named("connectivity:connection_closed").Single();
            closed.Text("owner").Should().Be(owner);
            closed.Text("application_code").Should().Be("7");
            closed.Text("reason").Should().Be("enough \"quoted\" \u2603");
            closed.Text("trigger").Should().Be("application");
        }

        QlogFile.Read(_server.Bytes).FramesOf(Received, "connection_close").First()
            .GetProperty("reason").GetString().Should().Be("enough \"quoted\" \u2603");
    }

    [Fact]
    public void Idle_timeout_is_the_trigger_of_the_close()
    {
        using (var pair = Pair(settings => settings.ClientOptions.KeepAliveInterval = TimeSpan.Zero).Connect())
        {
            pair.Links[0].IsDown = true;
            pair.RunUntil(() => pair.Client.CloseReason is not null, TimeSpan.FromMinutes(5)).Should().BeTrue();
        }

        var client = QlogFile.Read(_client.Bytes);
        client.Named("connectivity:connection_closed").Single().Text("trigger").Should().Be("idle_timeout");
    }

    [Fact]
    public void Packets_are_all_told_and_their_numbers_have_no_gaps()
    {
        using var pair = Pair(settings => settings.ClientOptions.CongestionControl = QuicCongestionControl.NewReno)
            .Connect();
        pair.EchoOnServer();
        pair.Echo(new byte[50_000]);
        var (client, server) = Finish(pair);

        client.Named(Sent).Should().HaveCount((int)pair.Client.Statistics.SentPackets);
        server.Named(Received).Should().HaveCount((int)pair.Server!.Statistics.ReceivedPackets);
        foreach (var type in new[] { "initial", "handshake", "1RTT" })
        {
            var numbers = client.Named(Sent).Where(item => item.PacketType == type).Select(item => item.PacketNumber);
            // One number is left out now and then, so that a peer can't acknowledge what it did not get.
            numbers.Should().Equal(Range(numbers.Count(), type == "1RTT" ? pair.Client.SkippedPacketNumber : -1));
        }

        var lengths = server.Named(Received).Sum(item => item.Data.GetProperty("raw").GetProperty("length").GetInt64());
        lengths.Should().Be(pair.Server.Statistics.ReceivedBytes);
    }

    [Fact]
    public void Frames_are_those_of_the_session()
    {
        const string secret = "what streams carry is nobody's business";
        using var pair = Pair().Connect();
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(Encoding.UTF8.GetBytes(secret));
        stream.Finish();
        pair.Client.TryOpenStream(true, out var other).Should().BeTrue();
        other!.Write([1]);
        other.Reset(33);
        other.StopSending(44);
        pair.Run(TimeSpan.FromSeconds(1));
        var (client, server) = Finish(pair);

        foreach (var frames in new Func<string, IEnumerable<System.Text.Json.JsonElement>>[]
        {
            type => client.FramesOf(Sent, type), type => server.FramesOf(Received, type),
        })
        {
            var sent = frames("stream").First(frame => frame.GetProperty("stream_id").GetInt64() == stream.Id);
            sent.GetProperty("offset").GetInt64().Should().Be(0);
            sent.GetProperty("length").GetInt64().Should().Be(secret.Length);
            sent.GetProperty("fin").GetBoolean().Should().BeTrue();
            frames("reset_stream").Single().GetProperty("error_code").GetInt64().Should().Be(33);
            frames("stop_sending").Single().GetProperty("error_code").GetInt64().Should().Be(44);
            frames("crypto").Should().NotBeEmpty();
            frames("ack").Should().NotBeEmpty();
            frames("padding").Should().NotBeEmpty();
        }

        client.FramesOf(Received, "handshake_done").Should().ContainSingle();
        Encoding.UTF8.GetString(_client.Bytes).Should().NotContain(secret)
            .And.NotContain(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(secret)));
    }

    [Fact]
    public void Secrets_and_tokens_are_in_no_trace()
    {
        using var pair = Pair(settings => settings.ServerOptions.RetryAboveHandshakes = 0);
        byte[] token = [];
        pair.Tap = (fromServer, _, bytes) =>
        {
            if (!fromServer && PacketHeader.TryRead(bytes, LocalConnectionIds.IdLength, out var header) &&
                header.Type == PacketType.Initial && !header.Token.IsEmpty)
                token = header.Token.ToArray();
            return true;
        };
        pair.Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        var resetToken = pair.Server!.LocalIds.Initial.Token;
        var (client, server) = Finish(pair);

        token.Should().NotBeEmpty();
        client.Named(Received).Single(item => item.PacketType == "retry").Data.GetProperty("retry_token")
            .GetProperty("raw").GetProperty("length").GetInt32().Should().Be(token.Length);
        server.FramesOf(Sent, "new_token").Should().ContainSingle();
        var text = Encoding.UTF8.GetString(_client.Bytes) + Encoding.UTF8.GetString(_server.Bytes);
        foreach (var secret in new[]
        {
            token,
            resetToken,
            FakeTls.Secret(EncryptionLevel.Application, fromServer: true),
            FakeTls.Secret(EncryptionLevel.Handshake, fromServer: false),
        })
            text.Should().NotContain(Convert.ToHexStringLower(secret));
    }

    [Fact]
    public void Lost_packets_are_told_and_what_was_in_them_is_marked()
    {
        using var pair = Pair(seed: 3).Connect();
        pair.Links[0].Loss = 0.05;
        pair.EchoOnServer();
        pair.Echo(new byte[300_000]);
        var statistics = pair.Client.Statistics;
        var (client, _) = Finish(pair);

        statistics.LostPackets.Should().BePositive();
        var lost = client.Named("recovery:packet_lost").ToArray();
        lost.Should().HaveCount((int)statistics.LostPackets);
        var sent = client.Named(Sent).Select(item => (item.PacketType, item.PacketNumber)).ToHashSet();
        lost.Should().OnlyContain(item => sent.Contains(new ValueTuple<string, long>(
            item.PacketType, item.PacketNumber)));
        client.FramesOf("recovery:marked_for_retransmit", "stream").Should().NotBeEmpty();
        client.Named("recovery:congestion_state_updated").Select(item => item.Text("new"))
            .Should().StartWith(["slow_start", "recovery"]);
        client.Named("recovery:metrics_updated").Should().Contain(item => item.Text("congestion_window") != null)
            .And.Contain(item => item.Text("smoothed_rtt") != null);
    }

    [Fact]
    public void Probe_timeouts_are_told()
    {
        using var pair = Pair().Connect();
        pair.Run(TimeSpan.FromSeconds(1));
        pair.Links[0].IsDown = true;
        pair.Client.TryOpenStream(true, out var stream).Should().BeTrue();
        stream!.Write(new byte[10]);
        pair.Run(TimeSpan.FromSeconds(3));
        var probes = pair.Client.Statistics.ProbeTimeouts;
        var (client, _) = Finish(pair);

        probes.Should().BePositive();
        client.Named("recovery:loss_timer_updated").Count(item => item.Text("timer_type") == "pto")
            .Should().Be((int)probes);
        client.Named("recovery:metrics_updated").Should().Contain(item => item.Text("pto_count") == "2");
    }

    private QuicPair Pair(Action<PairSettings>? configure = null, int seed = 1) => new(seed, settings =>
    {
        settings.Tls.ApplicationProtocol = "mqtt";
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

    private static IEnumerable<long> Range(int count, long skipped)
    {
        for (long number = 0; count > 0; number++)
        {
            if (number == skipped)
                continue;
            count--;
            yield return number;
        }
    }

    private static IEnumerable<string?> States(QlogFile trace) =>
        trace.Named("connectivity:connection_state_updated").Select(item => item.Text("new"));

    private static string? Vantage(QlogFile trace) =>
        trace.Header.GetProperty("trace").GetProperty("vantage_point").GetProperty("type").GetString();

    private static string? GroupId(QlogFile trace) =>
        trace.Header.GetProperty("trace").GetProperty("common_fields").GetProperty("group_id").GetString();
}
