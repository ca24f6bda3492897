using System.Diagnostics;
using System.Text;

namespace MqttScion.QuicPerf.Tests;

/// <summary>The tool as a process.</summary>
internal sealed class PerfProcess : IDisposable
{
    private const string Listening = "listening ";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Process _process;

    private PerfProcess(string[] arguments)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "quicperf.dll");
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet"
            ? path
            : "dotnet";
        _process = Process.Start(new ProcessStartInfo(dotnet, ["exec", tool, .. arguments])
        {
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Starts a server or relay, and waits until it tells its address.</summary>
    public static PerfProcess Start(out string address, params string[] arguments)
    {
        var started = new PerfProcess(arguments);
        var line = started._process.StandardOutput.ReadLine();
        line.Should().StartWith(Listening);
        address = line![Listening.Length..];
        return started;
    }

    /// <summary>Runs a command to its end; gives the exit code and what it said.</summary>
    public static (int ExitCode, string Output) Run(params string[] arguments)
    {
        using var run = new PerfProcess(arguments);
        var output = new StringBuilder();
        run._process.OutputDataReceived += (_, line) => output.AppendLine(line.Data);
        run._process.BeginOutputReadLine();
        if (!run._process.WaitForExit(Limit))
            throw new TimeoutException($"quicperf {string.Join(' ', arguments)} did not end.");
        run._process.WaitForExit(); // Until all output was read.
        return (run._process.ExitCode, output.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
