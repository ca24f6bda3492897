using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>Early data that ngtcp2 does not take.</summary>
public class Ngtcp2EarlyDataTests(Ngtcp2 peers) : IClassFixture<Ngtcp2>
{
    [Ngtcp2Theory]
    [InlineData]
    [InlineData("--tx-loss=0.05", "--rx-loss=0.05")]
    public void Request_that_another_server_does_not_take_early_is_answered_all_the_same(params string[] settings)
    {
        using var server = peers.Serve(out var port, settings);
        // It has another key for its tickets.
        using var other = peers.Serve(out var otherPort, settings);
        var options = Http3.Permit(null);
        (options.EarlyData, options.SessionCache) = (true, new QuicSessionCache());
        using var driver = new UdpDriver(peers.Options(peers.Tls.Client), isServer: false, options);
        var first = driver.Connect(port);
        driver.RunUntil(() => options.SessionCache.Count > 0 || first.CloseReason is not null, "a ticket comes");
        first.Close(0x100, "", driver.Now);
        driver.RunUntil(() => first.State == QuicConnectionState.Drained, "it is over");

        var second = driver.Connect(otherPort);
        second.CanSendEarlyData.Should().BeTrue();
        Http3Client.OpenControlStream(second);
        var hash = driver.GetHash(second, "/content");

        second.IsResumed.Should().BeFalse();
        second.EarlyDataAccepted.Should().BeFalse();
        hash.Should().Equal(SHA256.HashData(peers.Content));
    }
}
