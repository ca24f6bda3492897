using System.Net;
using System.Net.Sockets;

namespace MqttScion.Quic.Tests;

/// <summary>The example programs of ngtcp2, which speak HTTP/3 and nothing else, and files for them.</summary>
public sealed class Ngtcp2 : IDisposable
{
    private const string ServerProgram = "/usr/sbin/gtlsserver";
    private const string ClientProgram = "/usr/bin/gtlsclient";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mqttscion-ngtcp2-");
    private readonly string _certificate;
    private readonly string _key;

    public Ngtcp2()
    {
        _certificate = Path.Combine(_folder.FullName, "cert.pem");
        _key = Path.Combine(_folder.FullName, "key.pem");
        File.WriteAllText(_certificate, Tls.Server.CertificatePem);
        File.WriteAllText(_key, Tls.Server.KeyPem);
        File.WriteAllBytes(Path.Combine(_folder.FullName, "content"), Content);
        File.WriteAllBytes(Path.Combine(_folder.FullName, "bulk"), Bulk);
    }

    /// <summary>Why the tests can't run, or null.</summary>
    internal static string? SkipReason =>
        File.Exists(ServerProgram) && File.Exists(ClientProgram) ? null : "install ngtcp2-client ngtcp2-server";

    internal TlsFixture Tls { get; } = new();

    /// <summary>What the path <c>/content</c> holds, on both sides.</summary>
    internal byte[] Content { get; } = Transfer.RandomBytes(1_000_000, seed: 1);

    /// <summary>What the path <c>/bulk</c> holds, on both sides.</summary>
    internal byte[] Bulk { get; } = Transfer.RandomBytes(20_000_000, seed: 2);

    /// <summary>Our credentials, for HTTP/3.</summary>
    internal QuicTlsOptions Options(TestIdentity identity)
    {
        var options = Tls.Options(identity);
        options.ApplicationProtocols = ["h3"];
        options.RequireClientCertificate = false;
        return options;
    }

    internal PeerProcess Serve(out int port, params string[] arguments)
    {
        port = FindFreePort();
        var peer = new PeerProcess(
            ServerProgram,
            ["-q", "--no-quic-dump", "--no-http-dump", "-d", _folder.FullName, .. arguments,
                "127.0.0.1", $"{port}", _key, _certificate]);
        peer.WaitFor("Using document root");
        return peer;
    }

    /// <summary>Starts a client that gets <c>/content</c> and closes.</summary>
    internal PeerProcess Dial(int port, DirectoryInfo target, params string[] arguments) =>
        Dial(port, target, "/content", ["-q", .. arguments]);

    /// <summary>Starts a client that gets a path and closes; without <c>-q</c> it logs what QUIC does.</summary>
    internal PeerProcess Dial(int port, DirectoryInfo target, string path, string[] arguments) => new(
        ClientProgram,
        ["--no-quic-dump", "--no-http-dump", "--exit-on-all-streams-close", "--timeout=5s",
            $"--download={target.FullName}", .. arguments,
            "127.0.0.1", $"{port}", $"https://{TlsFixture.ServerName}{path}"]);

    internal DirectoryInfo CreateFolder() => _folder.CreateSubdirectory(Path.GetRandomFileName());

    public void Dispose()
    {
        Tls.Dispose();
        _folder.Delete(recursive: true);
    }

    // The server does not tell the port that it got, so that a free one is looked for here.
    private static int FindFreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
