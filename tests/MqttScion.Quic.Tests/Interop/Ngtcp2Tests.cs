using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace MqttScion.Quic.Tests;

/// <summary>The engine against ngtcp2, by downloads over HTTP/3.</summary>
public class Ngtcp2Tests(Ngtcp2 peers) : IClassFixture<Ngtcp2>
{
    private const string OnlyCcm = "--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM";
    private const ulong HandshakeFailure = 0x100 + 40;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Ngtcp2Theory]
    [InlineData("--validate-addr")]
    [InlineData("--verify-client")]
    [InlineData("--tx-loss=0.05", "--rx-loss=0.05")]
    [InlineData("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305")]
    [InlineData("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM")]
    [InlineData("--groups=-GROUP-ALL:+GROUP-SECP384R1:+GROUP-SECP256R1")]
    [InlineData("--validate-addr", "--tx-loss=0.05", "--rx-loss=0.05")]
    [InlineData("--max-udp-payload-size=1400", "--cc=bbr2")]
    public void Download_from_ngtcp2_arrives_whole(params string[] settings)
    {
        using var server = peers.Serve(out var port, settings);
        using var driver = Client();

        driver.GetHash(driver.ConnectHttp3(port), "/content").Should().Equal(SHA256.HashData(peers.Content));
    }

    [Ngtcp2Fact]
    public void Bulk_from_ngtcp2_arrives_whole()
    {
        using var server = peers.Serve(out var port, "--max-udp-payload-size=1452");
        using var driver = Client(new QuicOptions { KeyUpdatePackets = 1000 });
        var connection = driver.ConnectHttp3(port);

        driver.GetHash(connection, "/bulk").Should().Equal(SHA256.HashData(peers.Bulk));

        driver.LongestArrivalBytes.Should().Be(1452);
        driver.MarkedArrivalCount.Should().BePositive();
        connection.Statistics.IsEcnCapable.Should().BeTrue();
    }

    [Ngtcp2Fact]
    public void Bulk_by_ngtcp2_arrives_whole()
    {
        using var driver = Server(new QuicOptions { MaxProbedDatagramBytes = 1452 }, datagramBytes: 1200);
        _ = new Http3Server(driver, peers.Bulk);
        var target = peers.CreateFolder();
        using var client = peers.Dial(driver.Port, target, "/bulk", ["-q"]);

        driver.RunUntil(() => client.HasExited, "the client is done", Limit);

        var file = Path.Combine(target.FullName, "bulk");
        File.Exists(file).Should().BeTrue(client.Output);
        using (var content = File.OpenRead(file))
            SHA256.HashData(content).Should().Equal(SHA256.HashData(peers.Bulk));
        driver.LongestFlightBytes.Should().Be(1452);
        driver.Connections.Should().ContainSingle().Which.Statistics.IsEcnCapable.Should().BeTrue();
    }

    [Ngtcp2Fact]
    public void Ngtcp2_trusts_the_marks_that_we_count()
    {
        using var driver = Server();
        _ = new Http3Server(driver, peers.Content);
        using var client = peers.Dial(driver.Port, peers.CreateFolder(), "/content", ["--delay-stream=50ms"]);

        driver.RunUntil(() => client.HasExited, "the client is done", Limit);

        client.Find("path is ECN capable").Should().NotBeNull(client.Output);
    }

    [Ngtcp2Fact]
    public void Server_of_a_cipher_that_we_do_not_offer_refuses_with_the_alert()
    {
        using var server = peers.Serve(out var port, OnlyCcm);
        using var driver = Client();
        var connection = driver.Connect(port);

        driver.RunUntil(() => connection.CloseReason is not null, "it is refused");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.PeerTransport);
        connection.CloseReason.ErrorCode.Should().Be(HandshakeFailure);
    }

    [Ngtcp2Fact]
    public void Client_of_a_cipher_that_we_do_not_take_is_told_the_alert()
    {
        using var driver = Server();
        using var client = peers.Dial(driver.Port, peers.CreateFolder(), "/content", [OnlyCcm]);

        driver.RunUntil(() => client.HasExited, "the client is done", Limit);

        var connection = driver.Connections.Should().ContainSingle().Subject;
        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.LocalTransport);
        connection.CloseReason.ErrorCode.Should().Be(HandshakeFailure);
        client.Find("CONNECTION_CLOSE").Should().Contain("CRYPTO_ERROR");
    }

    [Ngtcp2Fact]
    public void Client_that_must_prove_its_address_is_served()
    {
        using var driver = Server(new QuicOptions { RetryAboveHandshakes = 0 });
        _ = new Http3Server(driver, peers.Content);
        var target = peers.CreateFolder();
        using var client = peers.Dial(driver.Port, target);

        driver.RunUntil(() => client.HasExited, "the client is done", Limit);

        File.Exists(Path.Combine(target.FullName, "content")).Should().BeTrue(client.Output);
        driver.AnswerCount.Should().Be(1);
    }

    [Ngtcp2Fact]
    public void Server_lists_our_version_to_a_client_of_another()
    {
        using var server = peers.Serve(out var port);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var initial = new byte[1200];
        byte[] start = [0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 4, 11, 12, 13, 14];
        start.CopyTo(initial, 0);
        // Sent again until it is answered, as a client does: the server may have been too busy for the first.
        for (var sent = 0; sent < 20 && (sent == 0 || !socket.Poll(250_000, SelectMode.SelectRead)); sent++)
        {
            socket.SendTo(initial, new IPEndPoint(IPAddress.Loopback, port));
        }
        var answer = new byte[1200];
        socket.ReceiveTimeout = 1000;
        var length = socket.Receive(answer);

        PacketHeader.TryRead(answer.AsSpan(0, length), 0, out var header).Should().BeTrue();
        header.Type.Should().Be(PacketType.VersionNegotiation);
        header.DestinationId.ToArray().Should().Equal(11, 12, 13, 14);
        header.SourceId.ToArray().Should().Equal(1, 2, 3, 4, 5, 6, 7, 8);
        answer.AsSpan(0, length).IndexOf("\0\0\0\u0001"u8).Should().BePositive();
    }

    [Ngtcp2Fact]
    public void Silent_connection_ends_after_the_idle_timeout_of_ngtcp2()
    {
        using var server = peers.Serve(out var port, "--timeout=1s");
        using var driver = Client(new QuicOptions { KeepAliveInterval = TimeSpan.Zero });
        var connection = driver.ConnectHttp3(port);

        driver.RunUntil(() => connection.CloseReason is not null, "the connection ends");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
    }

    [Ngtcp2Fact]
    public void Killed_server_is_noticed()
    {
        using var server = peers.Serve(out var port);
        using var driver = Client(new QuicOptions { IdleTimeout = TimeSpan.FromSeconds(1) });
        var connection = driver.ConnectHttp3(port);

        server.Kill();
        driver.RunUntil(() => connection.CloseReason is not null, "the connection ends");

        connection.CloseReason!.Kind.Should().Be(QuicCloseKind.IdleTimeout);
    }

    [Ngtcp2Theory]
    [InlineData("--scid=")]
    [InlineData("--preferred-versions=v2draft,v1", "--other-versions=v2draft,v1")]
    [InlineData("--tx-loss=0.05", "--rx-loss=0.05")]
    [InlineData("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305")]
    [InlineData("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-256-GCM")]
    [InlineData("--groups=-GROUP-ALL:+GROUP-SECP384R1:+GROUP-SECP256R1")]
    [InlineData("--key-update=50ms", "--delay-stream=150ms")]
    [InlineData("--change-local-addr=50ms", "--delay-stream=150ms")]
    [InlineData("--change-local-addr=50ms", "--nat-rebinding", "--delay-stream=150ms")]
    [InlineData("--max-stream-data-bidi-local=20000", "--max-data=30000")]
    public void Download_by_ngtcp2_arrives_whole(params string[] settings)
    {
        using var driver = Server();
        _ = new Http3Server(driver, peers.Content);
        var target = peers.CreateFolder();
        using var client = peers.Dial(driver.Port, target, settings);

        driver.RunUntil(() => client.HasExited, "the client is done", Limit);

        var file = Path.Combine(target.FullName, "content");
        File.Exists(file).Should().BeTrue(client.Output);
        File.ReadAllBytes(file).AsSpan().SequenceEqual(peers.Content).Should().BeTrue();
        // With losses the close may get lost.
        if (!settings[0].StartsWith("--tx-loss", StringComparison.Ordinal))
            driver.RunUntil(() => driver.Connections.Exists(IsClosedByPeer), "it is closed");
        if (settings[0].StartsWith("--key-update", StringComparison.Ordinal))
            driver.Connections.Should().Contain(item => item.KeyUpdateCount > 0);
    }

    [Ngtcp2Fact]
    public void Client_of_another_version_gets_our_list()
    {
        using var driver = new UdpDriver(peers.Options(peers.Tls.Server), isServer: true);
        using var client = peers.Dial(driver.Port, peers.CreateFolder(), "--version=0x1a2a3a4a");

        driver.RunUntil(() => client.HasExited, "the client is done", Limit);

        client.WaitFor("ERR_RECV_VERSION_NEGOTIATION").Should().NotBeNull();
        driver.Connections.Should().BeEmpty();
    }

    private static bool IsClosedByPeer(QuicConnection connection) =>
        connection.CloseReason?.Kind == QuicCloseKind.PeerApplication;

    private UdpDriver Client(QuicOptions? options = null) =>
        new(peers.Options(peers.Tls.Client), isServer: false, Http3.Permit(options));

    private UdpDriver Server(QuicOptions? options = null, int datagramBytes = UdpDriver.DefaultDatagramBytes) =>
        new(peers.Options(peers.Tls.Server), isServer: true, Http3.Permit(options)) { DatagramBytes = datagramBytes };
}
