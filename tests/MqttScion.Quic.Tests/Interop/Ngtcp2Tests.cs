namespace MqttScion.Quic.Tests;

/// <summary>The engine against ngtcp2, by downloads over HTTP/3.</summary>
public class Ngtcp2Tests(Ngtcp2 peers) : IClassFixture<Ngtcp2>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Ngtcp2Theory]
    [InlineData("--validate-addr")]
    [InlineData("--verify-client")]
    [InlineData("--tx-loss=0.05", "--rx-loss=0.05")]
    [InlineData("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305")]
    [InlineData("--groups=-GROUP-ALL:+GROUP-SECP384R1:+GROUP-SECP256R1")]
    [InlineData("--max-udp-payload-size=1400", "--cc=bbr2")]
    public void Download_from_ngtcp2_arrives_whole(params string[] settings)
    {
        using var server = peers.Serve(out var port, settings);
        using var driver = new UdpDriver(peers.Options(peers.Tls.Client), isServer: false, Http3.Options);
        var connection = driver.Connect(port);
        driver.RunUntil(() => connection.IsHandshakeConfirmed || connection.CloseReason is not null, "it is confirmed");
        connection.CloseReason.Should().BeNull();

        OpenControlStream(connection);
        connection.TryOpenStream(bidirectional: true, out var stream).Should().BeTrue();
        stream!.Write(Http3.Get(TlsFixture.ServerName, "/content"));
        stream.Finish();
        var answer = new MemoryStream();
        driver.OnTurn = () => ReadTo(answer, stream);
        driver.RunUntil(() => stream.IsReadFinished || connection.CloseReason is not null, "it is answered", Limit);

        connection.CloseReason.Should().BeNull();
        connection.ApplicationProtocol.Should().Be("h3");
        Http3.Content(answer.ToArray()).AsSpan().SequenceEqual(peers.Content).Should().BeTrue();
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
        using var driver = new UdpDriver(peers.Options(peers.Tls.Server), isServer: true, Http3.Options);
        var target = peers.CreateFolder();
        using var client = peers.Dial(driver.Port, target, settings);
        driver.OnTurn = () => Answer(driver);

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

    private static void OpenControlStream(QuicConnection connection)
    {
        connection.TryOpenStream(bidirectional: false, out var control).Should().BeTrue();
        control!.Write(Http3.ControlStream).Should().Be(Http3.ControlStream.Length);
    }

    private static void ReadTo(MemoryStream answer, QuicStream stream)
    {
        var buffer = new byte[64 * 1024];
        while (stream.Read(buffer) is > 0 and var length)
            answer.Write(buffer, 0, length);
    }

    private static MemoryStream WholeOf(byte[] bytes) => new(bytes, 0, bytes.Length, true, publiclyVisible: true);

    private void Answer(UdpDriver driver)
    {
        foreach (var connection in driver.Endpoint.Connections)
        {
            if (connection.State != QuicConnectionState.Connected || !connection.TryGetStream(0, out var stream))
                continue;
            ReadTo(new MemoryStream(), stream);
            if (connection.Owner is null && stream.IsReadFinished)
            {
                OpenControlStream(connection);
                connection.Owner = WholeOf(Http3.Response(peers.Content));
            }

            if (connection.Owner is not MemoryStream rest)
                continue;
            rest.Position += stream.Write(rest.GetBuffer().AsSpan((int)rest.Position));
            if (rest.Position == rest.Length)
                stream.Finish();
        }
    }
}
