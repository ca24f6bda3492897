namespace MqttScion.Quic.Tests;

/// <summary>DATAGRAM frames (RFC 9221) to and from quic-go.</summary>
[Collection(QuicGoTests.Name)]
public class QuicGoDatagramTests(QuicGo go)
{
    private const int Count = 100;
    private const int LongestBytes = 1000;

    [QuicGoTheory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void Client_gets_its_datagrams_back(double loss)
    {
        using var driver = Driver(isServer: true, LongestBytes + 10);
        driver.Loss = loss;
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, $"datagrams:{Count},wait", go.Tls.Client, "-datagrams");

        driver.RunUntil(() => peer.Find("ok") is not null || peer.HasExited, "the client is done", Limit);

        peer.WaitFor("ok").Should().Be($"ok datagrams:{Count}", peer.Output);
    }

    [QuicGoFact]
    public void Server_returns_our_datagrams()
    {
        using var peer = go.Serve(out var port, go.Tls.Server, "-datagrams");
        using var driver = Driver(isServer: false, LongestBytes + 10);
        var connection = driver.ConnectConfirmed(port);
        var room = new byte[LongestBytes];
        for (var index = 1; index <= Count; index++)
        {
            var sent = Transfer.RandomBytes(index * LongestBytes / Count, index);
            connection.TrySendDatagram(sent).Should().BeTrue();
            var length = 0;
            driver.RunUntil(() => connection.TryReceiveDatagram(room, out length), "it is back");
            room.AsSpan(0, length).SequenceEqual(sent).Should().BeTrue();
        }
    }

    [QuicGoTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Side_that_takes_none_is_sent_none(bool isOurs)
    {
        using var peer = go.Serve(out var port, go.Tls.Server, $"-datagrams={isOurs}");
        using var driver = Driver(isServer: false, isOurs ? 0 : LongestBytes);
        var connection = driver.ConnectConfirmed(port);

        connection.TrySendDatagram([1]).Should().Be(isOurs);
        driver.Echo(connection, 1000);

        if (isOurs)
            peer.WaitFor("failed datagram").Should().NotBeNull();
    }

    private static TimeSpan Limit => TimeSpan.FromSeconds(30);

    private UdpDriver Driver(bool isServer, int maxFrameBytes) => new(
        go.Tls.Options(isServer ? go.Tls.Server : go.Tls.Client),
        isServer,
        new QuicOptions { MaxDatagramFrameBytes = maxFrameBytes });
}
