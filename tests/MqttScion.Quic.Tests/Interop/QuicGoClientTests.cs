namespace MqttScion.Quic.Tests;

/// <summary>The client of another implementation against our server.</summary>
[Collection(QuicGoTests.Name)]
public class QuicGoClientTests(QuicGo go)
{
    private const ulong CryptoError = 0x100;

    private static readonly TimeSpan BulkLimit = TimeSpan.FromSeconds(60);

    [QuicGoTheory]
    [InlineData("e:11000", "-id-length=0")]
    [InlineData("e:11000", "-id-length=18")]
    [InlineData("e:11000", "-versions=2,1")]
    [InlineData("e:11000", "-versions=draft29,1")]
    [InlineData("u:20000000", "")]
    [InlineData("d:20000000", "")]
    [InlineData("d:20000000", "-update-keys=500")]
    [InlineData("streams:1000", "")]
    [InlineData("r:42", "")]
    [InlineData("s:43", "")]
    public void Client_gets_what_it_asks_for(string command, string setting)
    {
        using var driver = Driver();
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, command, go.Tls.Client, setting.Length == 0 ? [] : [setting]);

        driver.RunUntil(() => peer.HasExited, "the client is done", BulkLimit);

        peer.WaitFor("ok").Should().Be($"ok {command}", peer.Output);
        peer.Find("connected").Should().Be("connected alpn=mqtt");
        var connection = driver.Connections.Should().ContainSingle().Subject;
        connection.PeerCertificate.Should().Equal(go.Tls.Client.Certificate);
        if (setting.StartsWith("-update", StringComparison.Ordinal))
            connection.KeyUpdateCount.Should().BePositive();
    }

    [QuicGoFact]
    public void Client_proves_its_address_once()
    {
        using var driver = Driver(new QuicOptions { RetryAboveHandshakes = 0 });
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "e:100,again,e:200", go.Tls.Client);

        driver.RunUntil(() => peer.HasExited, "the client is done");

        peer.WaitFor("ok e:200").Should().NotBeNull();
        driver.Connections.Should().HaveCount(2);
        driver.AnswerCount.Should().Be(1);
    }

    [QuicGoFact]
    public void Client_that_gets_key_updates_of_ours_reads_on()
    {
        using var driver = Driver(new QuicOptions { KeyUpdatePackets = 500 });
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "d:5000000,e:100000", go.Tls.Client);

        driver.RunUntil(() => peer.HasExited, "the client is done", BulkLimit);

        peer.WaitFor("ok e:100000").Should().NotBeNull();
        driver.Connections.Should().ContainSingle().Which.KeyUpdateCount.Should().BePositive();
    }

    [QuicGoTheory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Large_certificates_and_a_large_hello_arrive_whole(double loss)
    {
        var protocols = string.Join(',', "abcdefghij".Select(letter => new string(letter, 200)).Append("mqtt"));
        using var driver = new UdpDriver(go.Tls.Options(go.Large), isServer: true) { Loss = loss };
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "e:2,wait", go.Large, $"-alpn={protocols}");

        driver.RunUntil(() => peer.Find("ok") is not null || peer.HasExited, "the client is done");

        peer.WaitFor("ok e:2").Should().NotBeNull();
        driver.Connections.Should().ContainSingle().Which.PeerCertificate.Should().Equal(go.Large.Certificate);
    }

    [QuicGoFact]
    public void Echo_at_a_tenth_of_loss_returns_the_bytes()
    {
        using var driver = Driver();
        driver.Loss = 0.1;
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "e:300000,wait", go.Tls.Client);

        driver.RunUntil(() => peer.Find("ok") is not null, "the client is done", BulkLimit);

        peer.Find("ok").Should().Be("ok e:300000");
    }

    [QuicGoFact]
    public void Close_by_the_client_reaches_us()
    {
        using var driver = Driver();
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "e:10,close:77", go.Tls.Client);

        driver.RunUntil(() => driver.Connections is [{ CloseReason: not null }], "the connection is closed");

        driver.Connections[0].CloseReason.Should()
            .Be(new QuicCloseReason(QuicCloseKind.PeerApplication, 77, null, "enough"));
    }

    [QuicGoFact]
    public void Close_by_us_reaches_the_client()
    {
        using var driver = Driver();
        _ = new CommandServer(driver);
        using var peer = go.Dial(driver.Port, "c:4660", go.Tls.Client);

        driver.RunUntil(() => peer.Find("closed") is not null, "the client knows");

        peer.Find("closed").Should().Be("closed application code=4660 remote=true reason=\"as asked\"");
    }

    [QuicGoTheory]
    [InlineData(false, 116)]
    [InlineData(true, 48)]
    public void Client_certificate_that_we_refuse_is_reported_with_the_alert(bool isForeign, int alert)
    {
        using var driver = Driver();
        using var peer = go.Dial(driver.Port, "wait", isForeign ? go.Foreign : null);

        driver.RunUntil(() => peer.Find("closed") is not null, "the client knows");

        var connection = driver.Connections.Should().ContainSingle().Subject;
        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.LocalTransport);
        connection.CloseReason.ErrorCode.Should().Be(CryptoError + (ulong)alert);
        peer.Find("closed").Should().StartWith($"closed transport code={256 + alert} remote=true");
    }

    [QuicGoFact]
    public void Client_that_distrusts_our_certificate_tells_us_the_alert()
    {
        using var driver = new UdpDriver(go.Tls.Options(go.Foreign), isServer: true);
        using var peer = go.Dial(driver.Port, "wait", go.Tls.Client);

        driver.RunUntil(() => driver.Connections is [{ CloseReason: not null }], "the connection is closed");

        driver.Connections[0].CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        driver.Connections[0].CloseReason!.ErrorCode.Should().Be(CryptoError + 42);
    }

    [QuicGoFact]
    public void Client_that_speaks_another_protocol_is_told_the_alert()
    {
        using var driver = Driver();
        using var peer = go.Dial(driver.Port, "wait", go.Tls.Client, "-alpn=other");

        driver.RunUntil(() => peer.Find("closed") is not null, "the client knows");

        peer.Find("closed").Should().StartWith("closed transport code=376 remote=true");
    }

    [QuicGoFact]
    public void Client_of_no_version_of_ours_gets_our_list()
    {
        using var driver = Driver();
        using var peer = go.Dial(driver.Port, "wait", go.Tls.Client, "-versions=draft29");

        driver.RunUntil(() => peer.Find("closed") is not null, "the client knows");

        peer.Find("closed").Should().Contain("no compatible QUIC version");
        driver.Connections.Should().BeEmpty();
    }

    private UdpDriver Driver(QuicOptions? options = null) =>
        new(go.Tls.Options(go.Tls.Server), isServer: true, options);
}
