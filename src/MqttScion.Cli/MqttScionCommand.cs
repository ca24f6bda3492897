using System.CommandLine;
using System.CommandLine.Invocation;

namespace MqttScion.Cli;

/// <summary>The command line <c>mqtt-scion</c>: its commands, how it is parsed and run.</summary>
internal static class MqttScionCommand
{
    /// <summary>How long a command may take to end in order after Ctrl-C or SIGTERM.</summary>
    public static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    private const string Description =
        """
        MQTT 5 over QUIC over SCION: publish, subscribe, look at paths, run a test network, decode packets.

        Results go to the standard output, everything else to the standard error.
        Exit codes: 0 done, 1 failed, 2 malformed input (inspect), 64 wrong command line.
        """;

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="args">The arguments without the program's name.</param>
    /// <param name="configuration">Where output and diagnostics go.</param>
    /// <param name="openInput">Opens the standard input.</param>
    /// <param name="cancellationToken">Ends the command in order, as Ctrl-C does.</param>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args,
        InvocationConfiguration configuration,
        Func<Stream> openInput,
        CancellationToken cancellationToken = default)
    {
        // A payload may begin with '@': it never names a response file.
        var parser = new ParserConfiguration { ResponseFileTokenReplacer = null };
        if (MosquittoHabits.FindAdvice(args) is { } advice)
        {
            await CommandFailure.WriteAsync(configuration.Error, advice).ConfigureAwait(false);
            return ExitCode.Usage;
        }
        var parse = Create(openInput).Parse(args, parser);
        if (parse.Action is not ParseErrorAction)
            return await parse.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        foreach (var error in parse.Errors)
            await CommandFailure.WriteAsync(configuration.Error, error.Message).ConfigureAwait(false);
        return ExitCode.Usage;
    }

    /// <summary>Makes the tree of commands.</summary>
    public static RootCommand Create(Func<Stream> openInput)
    {
        var root = new RootCommand(Description)
        {
            PubCommand.Create(openInput),
            SubCommand.Create(),
            RequestCommand.Create(openInput),
            PathsCommand.Create(),
            PingCommand.Create(),
            TracerouteCommand.Create(),
            AddressCommand.Create(),
            TestnetCommand.Create(),
            InspectCommand.Create(openInput),
        };
        foreach (var version in root.Options.OfType<VersionOption>())
            version.Recursive = true;
        return root;
    }
}
