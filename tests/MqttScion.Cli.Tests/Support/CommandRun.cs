extern alias proxy;

using System.CommandLine;
using ProxyCommand = proxy::MqttScion.Proxy.ProxyCommand;

namespace MqttScion.Cli.Tests;

/// <summary>A command line that runs in this process, with its output and diagnostics.</summary>
internal sealed class CommandRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();

    private CommandRun(Func<InvocationConfiguration, CancellationToken, Task<int>> run)
    {
        // The signals of the process belong to the test runner.
        var configuration = new InvocationConfiguration
        {
            Output = Output,
            Error = Error,
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        ExitCode = Task.Run(() => run(configuration, _stop.Token));
    }

    public LineWriter Output { get; } = new();

    public LineWriter Error { get; } = new();

    public Task<int> ExitCode { get; }

    /// <summary>The lines that say why it failed, without those that tell how it does.</summary>
    public IEnumerable<string> Failures =>
        Error.Lines.Where(line => line.StartsWith("mqtt-scion: ", StringComparison.Ordinal));

    public static CommandRun Cli(params string[] args) => Cli([], args);

    public static CommandRun Cli(byte[] input, string[] args) => Cli(new MemoryStream(input), args);

    public static CommandRun Cli(Stream input, string[] args) => new((configuration, token) =>
        MqttScionCommand.RunAsync(args, configuration, () => input, token));

    public static CommandRun Proxy(params string[] args) => new((configuration, token) =>
        ProxyCommand.RunAsync(args, configuration, token));

    public Task<int> EndAsync() => ExitCode.WaitAsync(TimeSpan.FromSeconds(60));

    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
