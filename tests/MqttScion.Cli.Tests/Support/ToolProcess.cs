using System.Diagnostics;

namespace MqttScion.Cli.Tests;

/// <summary>A shell line, in which the command line runs as a process of its own.</summary>
internal sealed class ToolProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private ToolProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What starts the command line in a shell.</summary>
    public static string CommandLine => $"dotnet '{typeof(MqttScionCommand).Assembly.Location}'";

    /// <summary>What was written until the end.</summary>
    public string Output { get; private set; } = "";

    /// <summary>What was written to the standard error until the end.</summary>
    public string Error { get; private set; } = "";

    public static ToolProcess Shell(string line) => new(Process.Start(new ProcessStartInfo("sh", ["-c", line])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!);

    /// <summary>Waits for the end; gives the exit code.</summary>
    public async Task<int> EndAsync()
    {
        await Task.WhenAll(_output, _error, _process.WaitForExitAsync()).WaitAsync(TimeSpan.FromSeconds(60));
        (Output, Error) = (await _output, await _error);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
