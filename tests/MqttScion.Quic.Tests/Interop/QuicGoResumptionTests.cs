namespace MqttScion.Quic.Tests;

/// <summary>Sessions that go on, and 0-RTT, in both roles against quic-go.</summary>
[Collection(QuicGoTests.Name)]
public class QuicGoResumptionTests(QuicGo go)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [QuicGoTheory]
    [InlineData(false, 0)]
    [InlineData(false, 0.05)]
    [InlineData(true, 0)]
    [InlineData(true, 0.05)]
    public void Client_resumes_its_session(bool isEarly, double loss)
    {
        using var issuer = QuicCrypto.Default.CreateTicketIssuer();
        using var driver = Server(issuer, isEarly);
        driver.Loss = loss;
        _ = new CommandServer(driver);
        using var peer = go.Dial(
            driver.Port, "e:1000,resume,e:20000,u:200000,wait", go.Tls.Client, $"-early={isEarly}");

        driver.RunUntil(() => peer.Find("ok u") is not null || peer.HasExited, "the client is done", Limit);

        peer.Find("ok u").Should().NotBeNull(peer.Output);
        peer.WaitFor("resumed=true").Should().Be($"resumed=true early={Text(isEarly)}", peer.Output);
        var connection = driver.Connections[^1];
        connection.IsResumed.Should().BeTrue();
        (connection.EarlyDataAccepted == true).Should().Be(isEarly);
        connection.PeerCertificate.Should().Equal(go.Tls.Client.Certificate);
    }

    [QuicGoFact]
    public void Client_that_resumes_behind_a_Retry_is_served()
    {
        using var issuer = QuicCrypto.Default.CreateTicketIssuer();
        using var driver = Server(issuer, isEarly: true, new QuicOptions { RetryAboveHandshakes = 0 });
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "e:1000,resume,e:20000", go.Tls.Client, "-early");

        driver.RunUntil(() => peer.HasExited, "the client is done", Limit);

        peer.WaitFor("ok e:20000").Should().NotBeNull();
        driver.Connections[^1].IsResumed.Should().BeTrue();
    }

    [QuicGoTheory]
    [InlineData(false, 0)]
    [InlineData(false, 0.05)]
    [InlineData(true, 0)]
    [InlineData(true, 0.05)]
    public void We_resume_our_session(bool isEarly, double loss)
    {
        using var peer = go.Serve(out var port, go.Tls.Server, $"-early={isEarly}");
        using var driver = Client(isEarly);
        driver.Loss = loss;
        var ticket = ConnectForTicket(driver, port);

        var connection = driver.Connect(port, ticket);
        connection.CanSendEarlyData.Should().Be(isEarly);
        if (!isEarly)
            driver.RunUntil(() => connection.State == QuicConnectionState.Connected, "the handshake is done");
        driver.Echo(connection, 2000);

        driver.RunUntil(() => connection.IsHandshakeConfirmed, "it is confirmed");
        connection.IsResumed.Should().BeTrue();
        connection.EarlyDataAccepted.Should().Be(isEarly ? true : null);
        connection.PeerCertificate.Should().Equal(go.Tls.Server.Certificate);
        peer.WaitFor("resumed=true").Should().Be($"resumed=true early={Text(isEarly)}");
        driver.Echo(connection, 200_000);
    }

    [QuicGoFact]
    public void Early_data_that_the_server_rejects_goes_out_again()
    {
        using var before = go.Serve(out var port, go.Tls.Server, "-early");
        using var driver = Client(isEarly: true);
        var ticket = ConnectForTicket(driver, port);
        before.Kill();
        // Another process has other ticket keys.
        using var after = go.Serve(out _, go.Tls.Server, "-early", $"-port={port}");

        var connection = driver.Connect(port, ticket);
        connection.CanSendEarlyData.Should().BeTrue();
        driver.Echo(connection, 2000);

        connection.EarlyDataAccepted.Should().BeFalse();
        connection.IsResumed.Should().BeFalse();
        connection.CloseReason.Should().BeNull();
        after.WaitFor("resumed=").Should().Be("resumed=false early=false");
    }

    [QuicGoFact]
    public void Early_data_behind_a_Retry_arrives()
    {
        using var peer = go.Serve(out var port, go.Tls.Server, "-early", "-retry");
        using var driver = Client(isEarly: true);
        var ticket = ConnectForTicket(driver, port);
        // With its token the server would not ask.
        driver.Endpoint.Sessions.TakeToken(TlsFixture.ServerName);

        var connection = driver.Connect(port, ticket);
        driver.Echo(connection, 2000);

        driver.RunUntil(() => connection.IsHandshakeConfirmed, "it is confirmed");
        connection.IsResumed.Should().BeTrue();
    }

    private static string Text(bool value) => value ? "true" : "false";

    private static QuicSessionTicket ConnectForTicket(UdpDriver driver, int port)
    {
        var connection = driver.ConnectConfirmed(port);
        connection.IsResumed.Should().BeFalse();
        driver.Echo(connection, 100);
        return driver.TakeTicket(connection);
    }

    private UdpDriver Client(bool isEarly) => new(
        go.Tls.Options(go.Tls.Client),
        isServer: false,
        new QuicOptions { EarlyData = isEarly });

    private UdpDriver Server(QuicTicketIssuer issuer, bool isEarly, QuicOptions? options = null)
    {
        var tls = go.Tls.Options(go.Tls.Server);
        tls.TicketIssuer = issuer;
        options ??= new QuicOptions();
        options.EarlyData = isEarly;
        return new UdpDriver(tls, isServer: true, options);
    }
}
