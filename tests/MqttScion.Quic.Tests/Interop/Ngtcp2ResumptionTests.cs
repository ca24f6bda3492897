using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>Sessions that go on, and 0-RTT, in both roles against ngtcp2.</summary>
public class Ngtcp2ResumptionTests(Ngtcp2 peers) : IClassFixture<Ngtcp2>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Ngtcp2Theory]
    [InlineData(true)]
    [InlineData(true, "--tx-loss=0.05", "--rx-loss=0.05")]
    [InlineData(false)]
    [InlineData(true, "--disable-early-data")]
    public void Client_resumes_its_session(bool isEarly, params string[] settings)
    {
        using var issuer = QuicCrypto.Default.CreateTicketIssuer();
        using var driver = Server(issuer, isEarly);
        _ = new Http3Server(driver, peers.Content);
        var target = peers.CreateFolder();

        for (var round = 0; round < 2; round++)
            Download(driver, target, settings);

        var connection = driver.Connections[^1];
        connection.IsResumed.Should().BeTrue();
        (connection.EarlyDataAccepted == true).Should().Be(isEarly);
    }

    [Ngtcp2Fact]
    public void Client_whose_early_data_we_do_not_take_is_served_all_the_same()
    {
        var target = peers.CreateFolder();
        for (var round = 0; round < 2; round++)
        {
            // Each issuer has a key of its own.
            using var issuer = QuicCrypto.Default.CreateTicketIssuer();
            using var driver = Server(issuer, isEarly: true);
            _ = new Http3Server(driver, peers.Content);
            Download(driver, target);

            driver.Connections.Should().ContainSingle().Which.IsResumed.Should().BeFalse();
            driver.Connections[0].EarlyDataAccepted.Should().NotBe(true);
        }
    }

    [Ngtcp2Theory]
    [InlineData]
    [InlineData("--tx-loss=0.05", "--rx-loss=0.05")]
    [InlineData("--validate-addr")]
    public void We_resume_our_session(params string[] settings)
    {
        using var server = peers.Serve(out var port, settings);
        using var driver = new UdpDriver(
            peers.Options(peers.Tls.Client),
            isServer: false,
            Http3.Permit(new QuicOptions { EarlyData = true }));
        var ticket = driver.TakeTicket(driver.ConnectHttp3(port));

        var connection = driver.Connect(port, ticket);
        connection.CanSendEarlyData.Should().BeTrue();
        Http3Client.OpenControlStream(connection);
        var hash = driver.GetHash(connection, "/content");

        hash.Should().Equal(SHA256.HashData(peers.Content));
        connection.IsResumed.Should().BeTrue();
        connection.EarlyDataAccepted.Should().BeTrue();
    }

    private void Download(UdpDriver driver, DirectoryInfo target, params string[] settings)
    {
        string[] files =
        [
            $"--session-file={Path.Combine(target.FullName, "session")}",
            $"--tp-file={Path.Combine(target.FullName, "parameters")}",
        ];
        using var client = peers.Dial(driver.Port, target, [.. files, .. settings]);
        driver.RunUntil(() => client.HasExited, "the client is done", Limit);
        var content = Path.Combine(target.FullName, "content");
        File.Exists(content).Should().BeTrue(client.Output);
        File.ReadAllBytes(content).AsSpan().SequenceEqual(peers.Content).Should().BeTrue();
        File.Delete(content);
    }

    private UdpDriver Server(QuicTicketIssuer issuer, bool isEarly)
    {
        var tls = peers.Options(peers.Tls.Server);
        tls.TicketIssuer = issuer;
        return new UdpDriver(tls, isServer: true, Http3.Permit(new QuicOptions { EarlyData = isEarly }));
    }
}
