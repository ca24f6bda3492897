namespace MqttScion.Quic.Tests;

/// <summary>What both sides find out about their path: its datagram size, and whether it carries marks.</summary>
[Collection(QuicGoTests.Name)]
public class QuicGoPathTests(QuicGo go)
{
    // What quic-go takes at most, and what it starts with.
    private const int PeerLimitBytes = 1452;
    private const int PeerStartBytes = 1252;
    private const int LeastBytes = 1200;

    [QuicGoTheory]
    [InlineData(PeerLimitBytes)]
    [InlineData(9000)]
    public void Our_probes_find_the_size_that_the_server_takes(int ceilingBytes)
    {
        using var peer = go.Serve(out var port, go.Tls.Server);
        using var driver = Driver(isServer: false, ceilingBytes);
        var connection = driver.ConnectConfirmed(port);

        driver.Echo(connection, 100_000);
        driver.RunUntil(() => IsNearLimit(connection), "the size is found");

        driver.Echo(connection, 1_000_000);
    }

    [QuicGoFact]
    public void Sizes_that_both_sides_find_carry_the_bytes()
    {
        using var driver = Driver(isServer: true, PeerLimitBytes);
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "u:3000000,d:3000000,wait", go.Tls.Client);

        driver.RunUntil(() => peer.Find("ok d") is not null || peer.HasExited, "the client is done");

        peer.Find("ok d").Should().NotBeNull(peer.Output);
        driver.LongestArrivalBytes.Should().BeInRange(PeerStartBytes + 100, PeerLimitBytes);
        driver.LongestFlightBytes.Should().Be(PeerLimitBytes);
    }

    [QuicGoFact]
    public void Marks_that_the_server_counts_are_trusted()
    {
        using var peer = go.Serve(out var port, go.Tls.Server);
        using var driver = Driver(isServer: false);
        var connection = driver.ConnectConfirmed(port);

        driver.Echo(connection, 100_000);

        connection.Statistics.IsEcnCapable.Should().BeTrue();
    }

    [QuicGoFact]
    public void Marks_that_the_client_counts_are_trusted()
    {
        using var driver = Driver(isServer: true);
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "e:100000", go.Tls.Client);

        driver.RunUntil(() => peer.HasExited, "the client is done");

        peer.WaitFor("ok").Should().Be("ok e:100000", peer.Output);
        driver.Connections.Should().ContainSingle().Which.Statistics.IsEcnCapable.Should().BeTrue();
    }

    private static bool IsNearLimit(QuicConnection connection) =>
        connection.Statistics.MaxDatagramBytes is > PeerLimitBytes - 16 and <= PeerLimitBytes;

    private UdpDriver Driver(bool isServer, int ceilingBytes = 0) => new(
        go.Tls.Options(isServer ? go.Tls.Server : go.Tls.Client),
        isServer,
        new QuicOptions { MaxProbedDatagramBytes = ceilingBytes })
    {
        DatagramBytes = LeastBytes,
    };
}
