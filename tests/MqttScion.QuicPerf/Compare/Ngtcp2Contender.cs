using System.Net;
using System.Net.Sockets;

namespace MqttScion.QuicPerf;

/// <summary>ngtcp2 0.12 of Debian 12 over GnuTLS: gtlsserver and gtlsclient, which speak HTTP/3.</summary>
internal sealed class Ngtcp2Contender(CompareFiles files) : Contender(files)
{
    private const string ServerProgram = "/usr/sbin/gtlsserver";
    private const string ClientProgram = "/usr/bin/gtlsclient";

    private static readonly string[] Shared =
    [
        "-q", "--no-quic-dump", "--no-http-dump", $"--max-udp-payload-size={DatagramBytes}", "--cc=cubic",
        $"--max-data={WindowBytes}", $"--max-window={WindowBytes}",
        $"--max-stream-data-bidi-local={StreamWindowBytes}", $"--max-stream-window={StreamWindowBytes}",
    ];

    /// <inheritdoc/>
    public override string Name => "ngtcp2";

    /// <inheritdoc/>
    public override string Description =>
        "0.12, HTTP/3 from a mapped file; server sends with GSO, client takes one recvmsg and one write a datagram; "
        + $"{DatagramBytes} B from the start; CUBIC; certificates of both sides are sent, none is verified";

    /// <inheritdoc/>
    public override string? MissingHint =>
        File.Exists(ServerProgram) && File.Exists(ClientProgram) ? null : "install ngtcp2-client ngtcp2-server";

    /// <inheritdoc/>
    public override ChildProcess StartServer(out int port)
    {
        // The program does not tell the port that it got, so that a free one is looked for here.
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        var server = new ChildProcess(
            ServerProgram,
            [.. Shared, "--verify-client", "-d", Files.ContentFolder, "127.0.0.1", $"{port}",
                Files.Certificates.ServerKeyFile, Files.Certificates.ServerFile]);
        server.WaitFor("Using document root");
        return server;
    }

    /// <inheritdoc/>
    public override ChildProcess StartClient(int port, long bytes, long warmupBytes, string file)
    {
        Files.ContentOf(bytes);
        return new ChildProcess(
            ClientProgram,
            [.. Shared, "--exit-on-all-streams-close", $"--download={Path.GetDirectoryName(file)}",
                $"--key={Files.Certificates.ClientKeyFile}", $"--cert={Files.Certificates.ClientFile}",
                "127.0.0.1", $"{port}", $"https://localhost:{port}/{CompareFiles.NameOf(bytes)}"]);
    }

    /// <inheritdoc/>
    public override string FileNameOf(long bytes) => CompareFiles.NameOf(bytes);
}
