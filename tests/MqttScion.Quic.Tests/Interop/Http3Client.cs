namespace MqttScion.Quic.Tests;

/// <summary>Our side of a download from an HTTP/3 server.</summary>
internal static class Http3Client
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Connects, and starts the control stream that HTTP/3 wants.</summary>
    public static QuicConnection ConnectHttp3(this UdpDriver driver, int port)
    {
        var connection = driver.ConnectConfirmed(port);
        connection.ApplicationProtocol.Should().Be("h3");
        OpenControlStream(connection);
        return connection;
    }

    /// <summary>Gets a path, and gives the SHA-256 of its content.</summary>
    public static byte[] GetHash(this UdpDriver driver, QuicConnection connection, string path)
    {
        connection.TryOpenStream(bidirectional: true, out var stream).Should().BeTrue();
        stream!.Write(Http3.Get(TlsFixture.ServerName, path));
        stream.Finish();
        using var answer = new Http3Response();
        driver.OnTurn = () => stream.ReadTo(answer);
        driver.RunUntil(() => stream.IsReadFinished || connection.CloseReason is not null, "it is answered", Limit);
        connection.CloseReason.Should().BeNull();
        return answer.TakeHash();
    }

    public static void OpenControlStream(QuicConnection connection)
    {
        connection.TryOpenStream(bidirectional: false, out var control).Should().BeTrue();
        control!.Write(Http3.ControlStream).Should().Be(Http3.ControlStream.Length);
    }

    public static void ReadTo(this QuicStream stream, Http3Response answer)
    {
        var buffer = new byte[64 * 1024];
        while (stream.Read(buffer) is > 0 and var length)
            answer.Add(buffer.AsSpan(0, length));
    }
}
