using System.Diagnostics;

namespace MqttScion.Quic.Tests;

/// <summary>Builds the peer of tests/interop.</summary>
internal static class QuicGoProgram
{
    private const string PackagePath = "/usr/share/gocode";

    /// <summary>Why it can't be built, or null.</summary>
    public static string? SkipReason =>
        FindGo() is null || !Directory.Exists($"{PackagePath}/src/github.com/lucas-clemente/quic-go")
            ? "install golang golang-github-lucas-clemente-quic-go-dev"
            : null;

    /// <summary>Builds it into a folder and gives the program.</summary>
    public static string Build(string folder)
    {
        var go = FindGo() ?? throw new InvalidOperationException(SkipReason);
        var program = Path.Combine(folder, "peer");
        var start = new ProcessStartInfo(go, ["build", "-o", program, "."])
        {
            WorkingDirectory = FindSource(),
            RedirectStandardError = true,
        };
        start.Environment["GO111MODULE"] = "off";
        start.Environment["GOPATH"] = PackagePath;
        // Without a home directory the compiler would not know where to keep its cache.
        if (Environment.GetEnvironmentVariable("HOME") is null)
            start.Environment["GOCACHE"] = Path.Combine(folder, "cache");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? program : throw new InvalidOperationException($"go build failed: {errors}");
    }

    private static string? FindGo() =>
        new[] { "/usr/bin/go", "/usr/local/go/bin/go" }.FirstOrDefault(File.Exists);

    private static string FindSource()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MqttScion.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? "", "tests", "interop");
    }
}
