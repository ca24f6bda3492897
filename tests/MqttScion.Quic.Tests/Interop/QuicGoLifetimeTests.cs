namespace MqttScion.Quic.Tests;

/// <summary>How connections with quic-go end when a side says nothing, or starts again without its state.</summary>
[Collection(QuicGoTests.Name)]
public class QuicGoLifetimeTests(QuicGo go)
{
    private const string ResetKey = "of 32 bytes, known to both runs.";
    private const string ResetSetting = $"-reset-key={ResetKey}";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Never = TimeSpan.Zero;

    [QuicGoTheory]
    [InlineData(1, 30)]
    [InlineData(30, 1)]
    public void Silent_connection_ends_after_the_smaller_idle_timeout(int ourSeconds, int peerSeconds)
    {
        using var peer = go.Serve(out var port, go.Tls.Server, $"-idle={peerSeconds}s");
        var options = new QuicOptions { IdleTimeout = ourSeconds * Second, KeepAliveInterval = Never };
        using var driver = Driver(isServer: false, options);
        var connection = driver.ConnectConfirmed(port);
        driver.Echo(connection, 100);

        driver.RunUntil(() => connection.CloseReason is not null, "the connection ends");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
        peer.WaitFor("closed").Should().Be("closed after silence");
    }

    [QuicGoTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Connection_that_is_kept_alive_outlives_the_idle_timeout(bool byPeer)
    {
        using var peer = go.Serve(out var port, go.Tls.Server, "-idle=1s", $"-keep-alive={(byPeer ? 300 : 0)}ms");
        using var driver = Driver(isServer: false, new QuicOptions { KeepAliveInterval = byPeer ? Never : 5 * Second });
        var connection = driver.ConnectConfirmed(port);
        var end = driver.Now + (2.5 * Second);

        driver.RunUntil(() => driver.Now > end, "time went by");

        connection.CloseReason.Should().BeNull();
        driver.Echo(connection, 100);
    }

    [QuicGoFact]
    public void Killed_server_is_noticed()
    {
        using var peer = go.Serve(out var port, go.Tls.Server);
        using var driver = Driver(isServer: false, Watchful);
        var connection = driver.ConnectConfirmed(port);
        driver.Echo(connection, 100);

        peer.Kill();
        driver.RunUntil(() => connection.CloseReason is not null, "the connection ends");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
    }

    [QuicGoFact]
    public void Killed_client_is_noticed()
    {
        using var driver = Driver(isServer: true, Watchful);
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "e:100,wait", go.Tls.Client, "-keep-alive=100ms");
        driver.RunUntil(() => peer.Find("ok") is not null, "the client is served");

        peer.Kill();
        driver.RunUntil(() => driver.Connections[0].CloseReason is not null, "the connection ends");

        driver.Connections.Should().ContainSingle().Which.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
        driver.Endpoint.Connections.Should().BeEmpty();
    }

    [QuicGoFact]
    public void Client_learns_that_we_started_again()
    {
        var options = new QuicOptions { StatelessResetKey = System.Text.Encoding.ASCII.GetBytes(ResetKey) };
        using var before = Driver(isServer: true, options);
        _ = new CommandServer(before);
        using var peer = go.Dial(before.Port, "e:100,u:1000000000", go.Tls.Client, "-id-length=8");
        before.RunUntil(() => peer.Find("ok") is not null, "the client is served");
        before.Dispose();

        using var after = new UdpDriver(go.Tls.Options(go.Tls.Server), isServer: true, options, before.Port);
        after.RunUntil(() => peer.HasExited, "the client knows");

        peer.WaitFor("closed").Should().Be("closed by a stateless reset");
        after.AnswerCount.Should().BePositive();
        after.Connections.Should().BeEmpty();
    }

    [QuicGoFact]
    public void We_learn_that_the_server_started_again()
    {
        using var before = go.Serve(out var port, go.Tls.Server, ResetSetting);
        using var driver = Driver(isServer: false, new QuicOptions());
        var connection = driver.ConnectConfirmed(port);
        driver.Echo(connection, 100);
        before.Kill();
        using var after = go.Serve(out _, go.Tls.Server, ResetSetting, $"-port={port}");

        var request = new StreamRequest(connection, 'e', 0, new byte[500]);
        driver.OnTurn = request.Pump;
        driver.RunUntil(() => connection.CloseReason is not null, "the connection ends");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.StatelessReset);
        driver.RunUntil(() => connection.State == QuicConnectionState.Drained, "nothing is left of it");
    }

    private static QuicOptions Watchful => new() { IdleTimeout = Second, KeepAliveInterval = 0.3 * Second };

    private UdpDriver Driver(bool isServer, QuicOptions options) =>
        new(go.Tls.Options(isServer ? go.Tls.Server : go.Tls.Client), isServer, options);
}
