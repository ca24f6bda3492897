namespace MqttScion.Quic.Tests;

/// <summary>Resumption and early data against ngtcp2.</summary>
public class Ngtcp2EarlyDataTests(Ngtcp2 peers) : IClassFixture<Ngtcp2>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Ngtcp2Theory]
    [InlineData(false)]
    [InlineData(false, "--validate-addr")]
    [InlineData(false, "--tx-loss=0.05", "--rx-loss=0.05")]
    [InlineData(true)]
    [InlineData(true, "--tx-loss=0.05", "--rx-loss=0.05")]
    public void Request_in_early_data_is_answered_by_ngtcp2(bool isRestarted, params string[] settings)
    {
        using var server = peers.Serve(out var port, settings);
        // Another server has another key for its tickets.
        using var other = peers.Serve(out var otherPort, settings);
        var options = Http3.Options;
        (options.EarlyData, options.SessionCache) = (true, new QuicSessionCache());
        using var driver = new UdpDriver(peers.Options(peers.Tls.Client), isServer: false, options);
        var first = driver.Connect(port);
        driver.RunUntil(() => options.SessionCache.Count > 0 || first.CloseReason is not null, "a ticket comes");
        first.Close(0x100, "", driver.Now);
        driver.RunUntil(() => first.State == QuicConnectionState.Drained, "it is over");

        var second = driver.Connect(isRestarted ? otherPort : port);
        second.CanSendEarlyData.Should().BeTrue();
        second.TryOpenStream(bidirectional: false, out var control).Should().BeTrue();
        control!.Write(Http3.ControlStream);
        second.TryOpenStream(bidirectional: true, out var stream).Should().BeTrue();
        stream!.Write(Http3.Get(TlsFixture.ServerName, "/content"));
        stream.Finish();
        var answer = new MemoryStream();
        driver.OnTurn = () => ReadTo(answer, stream);
        driver.RunUntil(() => stream.IsReadFinished || second.CloseReason is not null, "it is answered", Limit);

        second.CloseReason.Should().BeNull();
        second.IsResumed.Should().Be(!isRestarted);
        second.EarlyDataAccepted.Should().Be(!isRestarted);
        Http3.Content(answer.ToArray()).AsSpan().SequenceEqual(peers.Content).Should().BeTrue();
    }

    [Ngtcp2Fact]
    public void Request_of_ngtcp2_in_early_data_is_read()
    {
        using var issuer = new QuicTicketIssuer();
        var tls = peers.Options(peers.Tls.Server);
        tls.TicketIssuer = issuer;
        var options = Http3.Options;
        options.EarlyData = true;
        using var driver = new UdpDriver(tls, isServer: true, options);
        var folder = peers.CreateFolder();
        string[] files =
        [
            $"--session-file={Path.Combine(folder.FullName, "session")}",
            $"--tp-file={Path.Combine(folder.FullName, "parameters")}",
        ];
        var early = 0;
        driver.OnTurn = () => early += Answer(driver);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var client = peers.Dial(driver.Port, folder, files);
            driver.RunUntil(() => client.HasExited, "the client is done", Limit);
        }

        driver.Connections.Should().HaveCount(2);
        driver.Connections[0].IsResumed.Should().BeFalse();
        driver.Connections[1].IsResumed.Should().BeTrue();
        driver.Connections[1].EarlyDataAccepted.Should().BeTrue();
        early.Should().Be(1, "the second request came in 0-RTT packets");
    }

    private static void ReadTo(MemoryStream answer, QuicStream stream)
    {
        var buffer = new byte[64 * 1024];
        while (stream.Read(buffer) is > 0 and var length)
            answer.Write(buffer, 0, length);
    }

    // Answers each request once, and gives how many of them came early.
    private static int Answer(UdpDriver driver)
    {
        var early = 0;
        foreach (var connection in driver.Endpoint.Connections)
        {
            if (connection.State != QuicConnectionState.Connected || connection.Owner is not null ||
                !connection.TryGetStream(0, out var stream))
                continue;
            ReadTo(new MemoryStream(), stream);
            if (!stream.IsReadFinished)
                continue;
            connection.Owner = stream;
            early += stream.IsEarlyData ? 1 : 0;
            connection.TryOpenStream(bidirectional: false, out var control);
            control?.Write(Http3.ControlStream);
            stream.Write(Http3.Response([1, 2, 3]));
            stream.Finish();
        }

        return early;
    }
}
