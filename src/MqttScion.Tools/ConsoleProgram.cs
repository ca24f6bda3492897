using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Net.Sockets;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Tools;

/// <summary>One of the executables: how it runs a command line, and tells of what fails by a line each.</summary>
/// <param name="name">The program's name, which each line begins with.</param>
/// <param name="isFailure">What it may fail with besides that which both programs do; null for nothing.</param>
public sealed class ConsoleProgram(string name, Func<Exception, bool>? isFailure = null)
{
    /// <summary>How long a command may take to end in order after Ctrl-C or SIGTERM.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="root">The commands.</param>
    /// <param name="args">The arguments without the program's name.</param>
    /// <param name="configuration">Where output and diagnostics go.</param>
    /// <param name="cancellationToken">Ends the command in order, as Ctrl-C does.</param>
    public async Task<int> RunAsync(
        RootCommand root,
        IReadOnlyList<string> args,
        InvocationConfiguration configuration,
        CancellationToken cancellationToken)
    {
        // The habit of many programs: 'help' and 'help COMMAND'.
        if (args is ["help", ..])
            args = [.. args.Skip(1), "--help"];
        // A payload may begin with '@': it never names a response file.
        var parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Action is HelpAction)
            return await HelpText.WriteAsync(parse, configuration, cancellationToken).ConfigureAwait(false);
        if (parse.Action is not ParseErrorAction)
            return await InvokeAsync(parse, configuration, cancellationToken).ConfigureAwait(false);
        foreach (var fault in ParseFaults.Of(parse, name))
            await TellAsync(configuration.Error, fault).ConfigureAwait(false);
        return ExitCode.Usage;
    }

    /// <summary>Runs a command; what it fails with becomes a line and an exit code. An exception that is not known here
    /// is a defect and goes on.</summary>
    public async Task<int> GuardAsync(
        TextWriter error, Func<CancellationToken, Task<int>> run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(run);
        try
        {
            return await run(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await TellAsync(error, "interrupted").ConfigureAwait(false);
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (IsFailure(e))
        {
            await TellAsync(error, FaultText.Of(e)).ConfigureAwait(false);
            return ExitCode.Failure;
        }
    }

    /// <summary>Writes one line, whatever is in the message.</summary>
    public Task TellAsync(TextWriter error, string message)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error.WriteLineAsync($"{name}: {TerminalText.OneLine(message)}");
    }

    // As the default handler of System.CommandLine does, which lets control characters through.
    private static async Task<int> InvokeAsync(
        ParseResult parse, InvocationConfiguration configuration, CancellationToken cancellationToken)
    {
        var unhandled = new InvocationConfiguration
        {
            Output = configuration.Output,
            Error = configuration.Error,
            ProcessTerminationTimeout = configuration.ProcessTerminationTimeout,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            return await parse.InvokeAsync(unhandled, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception defect) when (configuration.EnableDefaultExceptionHandler)
        {
            await configuration.Error.WriteLineAsync("Unhandled exception: " + TerminalText.Indented($"{defect}"))
                .ConfigureAwait(false);
            return ExitCode.Failure;
        }
    }

    private bool IsFailure(Exception e) => e
        is CommandException
        or TransportException or PathLookupException or QuicTlsException
        or TimeoutException or ArgumentException or FormatException
        or SocketException or IOException or UnauthorizedAccessException
        || isFailure?.Invoke(e) == true;
}
