using System.Diagnostics;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Testnet;

namespace MqttScion.Proxy.Tests;

/// <summary>What others have named must not steer the terminal of whoever runs the proxy.</summary>
public sealed class TerminalTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("mqttscion-terminal-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Control_characters_in_a_log_line_are_escaped_and_stay_on_it()
    {
        var files = TestCertificates.Create(
            Path.Combine(_directory, "a\u001b[2J\nb\u009bc"), server: CertificateFault.Expired);
        var start = new ProcessStartInfo(
            "dotnet",
            [
                typeof(ProxyCommand).Assembly.Location,
                "--listen", $"[{SameAsWorld.IsdAs},127.0.0.1]:0",
                "--ca-cert", files.CaFile, "--cert", files.ServerFile, "--key", files.ServerKeyFile,
            ])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _directory,
        };
        using var proxy = Process.Start(start)!;
        try
        {
            var line = await FindAsync(proxy.StandardError, "--cert: the certificate").WaitAsync(Patience);

            line.Should().Contain(@"/a\u001b[2J\nb\u009bc/").And.Contain("has expired");
            line.Should().NotContainAny("\u001b", "\u009b");
        }
        finally
        {
            proxy.Kill();
        }
    }

    private static async Task<string> FindAsync(StreamReader lines, string text)
    {
        while (await lines.ReadLineAsync() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal))
                return line;
        }
        return "the proxy has ended";
    }
}
