using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>Both roles against quic-go when one datagram of twenty is lost in each direction.</summary>
[Collection(QuicGoTests.Name)]
public class QuicGoLossTests(QuicGo go)
{
    private const double Loss = 0.05;
    private const int BulkBytes = 4_000_000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [QuicGoTheory]
    [InlineData("u:4000000", "")]
    [InlineData("d:4000000", "")]
    [InlineData("u:4000000", "-update-keys=300")]
    [InlineData("d:4000000", "-update-keys=300")]
    [InlineData("streams:200", "")]
    [InlineData("r:42", "")]
    [InlineData("s:43", "")]
    public void Client_gets_what_it_asks_for(string command, string setting)
    {
        // A close may get lost, so that the client waits instead.
        using var driver = Driver(isServer: true, new QuicOptions());
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, $"{command},wait", go.Tls.Client, setting.Length == 0 ? [] : [setting]);

        driver.RunUntil(() => peer.Find("ok") is not null || peer.HasExited, "the client is done", Limit);

        peer.WaitFor("ok").Should().Be($"ok {command}", peer.Output);
        if (setting.Length > 0)
            driver.Connections.Should().ContainSingle().Which.KeyUpdateCount.Should().BePositive();
    }

    [QuicGoFact]
    public void Clients_that_must_prove_their_address_are_served()
    {
        using var driver = Driver(isServer: true, new QuicOptions { RetryAboveHandshakes = 0 });
        _ = new CommandServer(driver);
        for (var round = 0; round < 5; round++)
        {
            using var peer = go.Dial(driver.Port, "e:10000,wait", go.Tls.Client);
            driver.RunUntil(() => peer.Find("ok") is not null || peer.HasExited, "the client is done", Limit);
            peer.WaitFor("ok").Should().Be("ok e:10000", peer.Output);
        }

        driver.AnswerCount.Should().BeGreaterThanOrEqualTo(5);
    }

    [QuicGoTheory]
    [InlineData("")]
    [InlineData("-retry")]
    [InlineData("-update-keys=300")]
    public void Server_answers_all_that_we_ask(string setting)
    {
        using var peer = go.Serve(out var port, go.Tls.Server, setting.Length == 0 ? [] : [setting]);
        using var driver = Driver(isServer: false, new QuicOptions { KeyUpdatePackets = 400 });
        var data = Transfer.RandomBytes(BulkBytes, 1);
        for (var round = 0; round < 4; round++)
            driver.Echo(driver.ConnectConfirmed(port), 10_000);
        var connection = driver.ConnectConfirmed(port);

        driver.Ask(connection, 'u', data).Should().Equal(SHA256.HashData(data));
        var answer = driver.Ask(connection, 'd', [], BulkBytes);

        answer.Should().HaveCount(BulkBytes + SHA256.HashSizeInBytes);
        SHA256.HashData(answer.AsSpan(0, BulkBytes)).Should().Equal(answer[BulkBytes..]);
        connection.KeyUpdateCount.Should().BeGreaterThan(1);
    }

    private UdpDriver Driver(bool isServer, QuicOptions options) =>
        new(go.Tls.Options(isServer ? go.Tls.Server : go.Tls.Client), isServer, options) { Loss = Loss };
}
