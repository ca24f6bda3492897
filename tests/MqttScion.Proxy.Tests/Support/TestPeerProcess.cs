using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace MqttScion.Proxy.Tests.Support;

/// <summary>MqttScion.TestPeer in a process of its own, so that its memory can be measured.</summary>
public sealed class TestPeerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();

    private TestPeerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, e) => _errors.Enqueue(e.Data ?? "");
        process.BeginErrorReadLine();
    }

    /// <summary>What the peer wrote to stderr so far.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    /// <param name="mode">What the peer is: proxy or subscribe.</param>
    /// <param name="arguments">The arguments of the mode, each NAME=VALUE.</param>
    public static TestPeerProcess Start(string mode, params string[] arguments) =>
        StartWith(variable: null, "", mode, arguments);

    /// <summary>Starts a peer with a variable in its environment.</summary>
    public static TestPeerProcess StartWith(string? variable, string value, string mode, params string[] arguments)
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "MqttScion.TestPeer.dll");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", assembly, mode, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (variable is not null)
        {
            start.Environment[variable] = value;
        }
        return new TestPeerProcess(Process.Start(start)!);
    }

    /// <summary>Reads what the peer reports next.</summary>
    public async Task<T> ReadAsync<T>(TimeSpan patience)
    {
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(patience);
        return line is null
            ? throw new InvalidOperationException($"The peer ended: {string.Join('\n', _errors)}")
            : JsonSerializer.Deserialize<T>(line)!;
    }

    /// <summary>Tells the peer to report its totals and to end.</summary>
    public void TellToStop() => _process.StandardInput.Close();

    /// <summary>Reads all that the peer reports until it ends, but for a line that its end cut short.</summary>
    public async Task ReadAllAsync<T>(Action<T> onRead)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line && line.EndsWith('}'))
        {
            onRead(JsonSerializer.Deserialize<T>(line)!);
        }
    }

    /// <summary>Ends the process as a crash would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends the process as a crash would, and gives the lines that it had reported and nobody read.</summary>
    public async Task<IReadOnlyList<T>> KillAsync<T>()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        var lines = new List<T>();
        while (await _process.StandardOutput.ReadLineAsync() is { } line && line.EndsWith('}'))
        {
            lines.Add(JsonSerializer.Deserialize<T>(line)!);
        }
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process.HasExited)
        {
            _process.Dispose();
            return;
        }
        TellToStop();
        try
        {
            using var timeout = new CancellationTokenSource(ExitTimeout);
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(); // A failed test left it at work.
        }
        _process.Dispose();
    }
}
