using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>Our client against the server of another implementation.</summary>
[Collection(QuicGoTests.Name)]
public class QuicGoServerTests(QuicGo go)
{
    private const int BulkBytes = 20_000_000;
    private const ulong BadCertificate = 0x100 + 42;

    [QuicGoTheory]
    [InlineData("")]
    [InlineData("-retry")]
    [InlineData("-id-length=18")]
    public void Echo_returns_the_bytes_under_mutual_TLS(string setting)
    {
        using var peer = Serve(out var port, setting);
        using var driver = Driver(go.Tls.Client);
        var connection = driver.ConnectConfirmed(port);

        driver.Ask(connection, 'e', Transfer.RandomBytes(11_000, 1))
            .AsSpan().SequenceEqual(Transfer.RandomBytes(11_000, 1)).Should().BeTrue();

        connection.ApplicationProtocol.Should().Be("mqtt");
        connection.PeerCertificate.Should().Equal(go.Tls.Server.Certificate);
        peer.WaitFor("connected").Should().Be("connected alpn=mqtt peer=client");
    }

    [QuicGoTheory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Large_certificates_arrive_whole(double loss)
    {
        using var peer = go.Serve(out var port, go.Large);
        using var driver = Driver(go.Large);
        driver.Loss = loss;
        var connection = driver.ConnectConfirmed(port);

        connection.PeerCertificate.Should().Equal(go.Large.Certificate);
        driver.Ask(connection, 'e', [1, 2]).Should().Equal(1, 2);
    }

    [QuicGoFact]
    public void Echo_at_a_tenth_of_loss_returns_the_bytes()
    {
        using var peer = Serve(out var port);
        using var driver = Driver(go.Tls.Client);
        driver.Loss = 0.1;
        var connection = driver.ConnectConfirmed(port);
        var data = Transfer.RandomBytes(300_000, 1);

        driver.Ask(connection, 'e', data).AsSpan().SequenceEqual(data).Should().BeTrue();
    }

    [QuicGoTheory]
    [InlineData(0)]
    [InlineData(500)]
    public void Upload_arrives_whole(int updateKeysAfter)
    {
        using var peer = Serve(out var port, updateKeysAfter == 0 ? "" : $"-update-keys={updateKeysAfter}");
        using var driver = Driver(go.Tls.Client);
        var connection = driver.ConnectConfirmed(port);
        var data = Transfer.RandomBytes(BulkBytes, 1);

        driver.Ask(connection, 'u', data).Should().Equal(SHA256.HashData(data));

        if (updateKeysAfter > 0)
            connection.KeyUpdateCount.Should().BePositive();
    }

    [QuicGoTheory]
    [InlineData(0)]
    [InlineData(100)]
    public void Download_arrives_whole(int updateKeysAfter)
    {
        using var peer = Serve(out var port);
        var options = new QuicOptions();
        if (updateKeysAfter > 0)
            options.KeyUpdatePackets = updateKeysAfter;
        using var driver = Driver(go.Tls.Client, options);
        var connection = driver.ConnectConfirmed(port);

        var answer = driver.Ask(connection, 'd', [], BulkBytes);

        answer.Should().HaveCount(BulkBytes + SHA256.HashSizeInBytes);
        answer[BulkBytes..].Should().Equal(SHA256.HashData(answer.AsSpan(0, BulkBytes)));
        if (updateKeysAfter > 0)
            connection.KeyUpdateCount.Should().BePositive();
    }

    [QuicGoFact]
    public void Streams_one_after_another_beyond_the_limit_are_all_answered()
    {
        using var peer = Serve(out var port);
        using var driver = Driver(go.Tls.Client);
        var connection = driver.ConnectConfirmed(port);

        for (var index = 0; index < 250; index++)
            driver.Ask(connection, 'e', [(byte)index]).Should().Equal((byte)index);

        connection.StreamCount.Should().BeLessThan(10);
    }

    [QuicGoFact]
    public void Thousand_streams_at_a_time_are_all_answered()
    {
        using var peer = Serve(out var port);
        using var driver = Driver(go.Tls.Client);
        var connection = driver.ConnectConfirmed(port);
        var open = new List<StreamRequest>();
        const int count = 1000;
        var (opened, answered, most) = (0, 0, 0);
        driver.OnTurn = () =>
        {
            while (opened < count &&
                StreamRequest.TryOpen(connection, 'e', Transfer.RandomBytes(700, opened)) is { } next)
            {
                open.Add(next);
                opened++;
            }

            most = Math.Max(most, open.Count);
            open.ForEach(item => item.Pump());
            answered += open.RemoveAll(item => item.IsEchoed);
        };

        driver.RunUntil(() => answered == count || connection.CloseReason is not null, "all are answered");

        connection.CloseReason.Should().BeNull();
        most.Should().BeGreaterThan(50);
        connection.StreamCount.Should().BeLessThan(10);
    }

    [QuicGoFact]
    public void Codes_of_reset_and_stopped_streams_arrive()
    {
        using var peer = Serve(out var port);
        using var driver = Driver(go.Tls.Client);
        var connection = driver.ConnectConfirmed(port);

        var reset = new StreamRequest(connection, 'r', 42, []);
        driver.OnTurn = reset.Pump;
        driver.RunUntil(() => reset.Stream.PeerResetCode is not null, "the stream is reset");
        var stopped = new StreamRequest(connection, 's', 43, new byte[3_000_000], finishes: false);
        driver.OnTurn = stopped.Pump;
        driver.RunUntil(() => stopped.Stream.PeerStopCode is not null, "the stream is stopped");

        reset.Stream.PeerResetCode.Should().Be(42);
        stopped.Stream.PeerStopCode.Should().Be(43);
        driver.Ask(connection, 'e', [1]).Should().Equal(1);
    }

    [QuicGoFact]
    public void Close_by_us_reaches_the_server()
    {
        using var peer = Serve(out var port);
        using var driver = Driver(go.Tls.Client);
        var connection = driver.ConnectConfirmed(port);

        connection.Close(77, "enough", driver.Now);
        driver.RunUntil(() => peer.Find("closed") is not null, "the server knows");

        peer.Find("closed").Should().Be("closed application code=77 remote=true reason=\"enough\"");
        driver.RunUntil(() => connection.State == QuicConnectionState.Drained, "the connection is drained");
    }

    [QuicGoFact]
    public void Close_by_the_server_reaches_us()
    {
        using var peer = Serve(out var port);
        using var driver = Driver(go.Tls.Client);
        var connection = driver.ConnectConfirmed(port);

        var request = new StreamRequest(connection, 'c', 0x1234, []);
        driver.OnTurn = request.Pump;
        driver.RunUntil(() => connection.CloseReason is not null, "the connection is closed");

        connection.CloseReason.Should()
            .Be(new QuicCloseReason(QuicCloseKind.PeerApplication, 0x1234, null, "as asked"));
    }

    [QuicGoTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Client_certificate_that_the_server_refuses_is_reported_with_the_alert(bool isForeign)
    {
        using var peer = Serve(out var port);
        using var driver = Driver(isForeign ? go.Foreign : null);
        var connection = driver.Connect(port);

        driver.RunUntil(() => connection.CloseReason is not null, "the connection is closed");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        connection.CloseReason.ErrorCode.Should().Be(BadCertificate);
        connection.IsHandshakeConfirmed.Should().BeFalse();
    }

    [QuicGoFact]
    public void Server_that_speaks_another_protocol_is_reported_with_the_alert()
    {
        using var peer = Serve(out var port, "-alpn=other");
        using var driver = Driver(go.Tls.Client);
        var connection = driver.Connect(port);

        driver.RunUntil(() => connection.CloseReason is not null, "the connection is closed");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        connection.CloseReason.ErrorCode.Should().Be((ulong)QuicError.CryptoNoApplicationProtocol);
    }

    [QuicGoFact]
    public void Server_that_speaks_another_version_is_reported()
    {
        using var peer = Serve(out var port, "-versions=draft29,2");
        using var driver = Driver(go.Tls.Client);
        var connection = driver.Connect(port);

        driver.RunUntil(() => connection.CloseReason is not null, "the connection is closed");

        connection.CloseReason!.ErrorCode.Should().Be((ulong)QuicError.VersionNegotiationError);
    }

    private PeerProcess Serve(out int port, string setting = "") =>
        go.Serve(out port, go.Tls.Server, setting.Length == 0 ? [] : [setting]);

    private UdpDriver Driver(TestIdentity? identity, QuicOptions? options = null) =>
        new(go.Tls.Options(identity), isServer: false, options);
}
