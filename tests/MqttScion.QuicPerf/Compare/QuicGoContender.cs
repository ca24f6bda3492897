using System.Diagnostics;

namespace MqttScion.QuicPerf;

/// <summary>quic-go 0.29 of Debian 12: the program of tests/interop, built here.</summary>
internal sealed class QuicGoContender : Contender
{
    private const string Packages = "/usr/share/gocode";

    private readonly Lazy<string> _program;

    /// <summary>Makes the contender; it is built when it is first used.</summary>
    public QuicGoContender(CompareFiles files)
        : base(files) => _program = new Lazy<string>(Build);

    /// <inheritdoc/>
    public override string Name => "quic-go";

    /// <inheritdoc/>
    public override string Description =>
        $"0.29; one sendmsg a datagram, recvmmsg of 8; from 1252 B up to {DatagramBytes} B by probes; its Reno, which "
        + "halves nothing (β is 0.7) and so asks for more than RFC 9002 or 9438 do";

    /// <inheritdoc/>
    public override string? MissingHint =>
        FindGo() is null || !Directory.Exists($"{Packages}/src/github.com/lucas-clemente/quic-go")
            ? "install golang golang-github-lucas-clemente-quic-go-dev"
            : Source is null ? "tests/interop was not found above this program" : null;

    private static string? Source
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "tests", "interop", "main.go")))
                folder = folder.Parent;
            return folder is null ? null : Path.Combine(folder.FullName, "tests", "interop");
        }
    }

    /// <inheritdoc/>
    public override ChildProcess StartServer(out int port)
    {
        var certificates = Files.Certificates;
        var server = new ChildProcess(
            _program.Value,
            ["-listen", "-content", Files.ContentFile,
                "-pki", Pki(certificates.ServerFile, certificates.ServerKeyFile), .. Shared()]);
        port = PortOf(server.WaitFor("listening"));
        return server;
    }

    /// <inheritdoc/>
    public override ChildProcess StartClient(int port, long bytes, long warmupBytes, string file)
    {
        var certificates = Files.Certificates;
        return new ChildProcess(
            _program.Value,
            ["-connect", $"127.0.0.1:{port}", "-name", "localhost", "-do", $"D:{bytes}", "-save", file,
                "-pki", Pki(certificates.ClientFile, certificates.ClientKeyFile), .. Shared()]);
    }

    private static string? FindGo() => new[] { "/usr/bin/go", "/usr/local/go/bin/go" }.FirstOrDefault(File.Exists);

    private static string[] Shared() =>
        ["-alpn", "perf", "-window", $"{WindowBytes}", "-stream-window", $"{StreamWindowBytes}"];

    // The program wants cert.pem and key.pem beside ca.pem.
    private string Pki(string certificate, string key)
    {
        var folder = Files.CreateFolder();
        File.Copy(Files.Certificates.CaFile, Path.Combine(folder, "ca.pem"));
        File.Copy(certificate, Path.Combine(folder, "cert.pem"));
        File.Copy(key, Path.Combine(folder, "key.pem"));
        return folder;
    }

    private string Build()
    {
        var program = Path.Combine(Files.CreateFolder(), "peer");
        var start = new ProcessStartInfo(FindGo()!, ["build", "-o", program, "."])
        {
            WorkingDirectory = Source,
            RedirectStandardError = true,
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = Packages;
        using var build = Process.Start(start)!;
        var errors = build.StandardError.ReadToEnd();
        build.WaitForExit();
        return build.ExitCode == 0 ? program : throw new InvalidOperationException($"go build failed: {errors}");
    }
}
