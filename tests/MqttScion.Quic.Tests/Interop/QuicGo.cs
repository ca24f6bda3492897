namespace MqttScion.Quic.Tests;

/// <summary>
/// The peer of tests/interop, built once for all tests that use it, and the certificates of both sides.
/// </summary>
public sealed class QuicGo : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mqttscion-interop-");
    private readonly Lazy<string> _program;
    private readonly TestPki _stranger = new("Another CA");
    private int _folderCount;

    public QuicGo()
    {
        _program = new Lazy<string>(() => QuicGoProgram.Build(_folder.FullName));
        Large = Tls.Ca.Issue(new TestLeaf
        {
            CommonName = "large",
            DnsNames = [TlsFixture.ServerName, .. Enumerable.Range(0, 200).Select(index => $"host{index}.example")],
            Purposes = [TestPki.ServerAuthentication, TestPki.ClientAuthentication],
        });
        Foreign = _stranger.Issue(new TestLeaf { CommonName = "stranger" });
    }

    internal TlsFixture Tls { get; } = new();

    /// <summary>A certificate of a CA that nobody trusts.</summary>
    internal TestIdentity Foreign { get; }

    /// <summary>A certificate that takes more datagrams than a server may send before it hears again.</summary>
    internal TestIdentity Large { get; }

    /// <summary>Starts the server on a free port.</summary>
    internal PeerProcess Serve(out int port, TestIdentity identity, params string[] arguments)
    {
        var peer = new PeerProcess(_program.Value, ["-listen", "-pki", PkiFolder(identity), .. arguments]);
        var line = peer.WaitFor("listening");
        port = int.Parse(line[(line.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return peer;
    }

    /// <summary>Starts a client of ours that does what <paramref name="commands"/> say.</summary>
    internal PeerProcess Dial(int port, string commands, TestIdentity? identity, params string[] arguments) => new(
        _program.Value,
        [
            "-connect", $"127.0.0.1:{port}", "-name", TlsFixture.ServerName, "-do", commands,
            "-pki", PkiFolder(identity), .. arguments,
        ]);

    /// <summary>Writes certificates where a process finds them; the files of an absent identity are absent.</summary>
    internal string PkiFolder(TestIdentity? identity)
    {
        var folder = _folder.CreateSubdirectory($"pki{Interlocked.Increment(ref _folderCount)}").FullName;
        File.WriteAllText(Path.Combine(folder, "ca.pem"), Tls.Ca.CertificatePem);
        if (identity is not null)
        {
            File.WriteAllText(Path.Combine(folder, "cert.pem"), identity.CertificatePem);
            File.WriteAllText(Path.Combine(folder, "key.pem"), identity.KeyPem);
        }

        return folder;
    }

    public void Dispose()
    {
        Tls.Dispose();
        _stranger.Dispose();
        _folder.Delete(recursive: true);
    }
}
