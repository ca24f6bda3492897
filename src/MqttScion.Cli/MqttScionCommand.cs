using System.CommandLine;
using MqttScion.Testnet;

namespace MqttScion.Cli;

/// <summary>The command line <c>mqtt-scion</c>: its commands, how it is parsed and run.</summary>
internal static class MqttScionCommand
{
    /// <summary>How command lines are run, and failures told.</summary>
    public static readonly ConsoleProgram Program = new(
        "mqtt-scion", failure => failure is MqttClientException or ControlApiException);

    private const string Description =
        """
        MQTT 5 over QUIC over SCION: publish, subscribe, look at paths, run a test network, decode packets.

        Results go to the standard output, everything else to the standard error.
        Exit codes: 0 done, 1 failed, 2 malformed input (inspect), 64 wrong command line, 130 ended by Ctrl-C and 143
        by SIGTERM before it was done.
        A <duration> is a number with ms, s, m or h, such as 500ms, 1.5s, 2m or 6h; a bare number is seconds.
        The proxy is a program of its own: mqtt-scion-proxy, or ./mqtt-scion proxy in the sources.

        Examples, each in a terminal of its own:
          mqtt-scion testnet up
          mqtt-scion-proxy --listen '[2-ff00:0:211,127.0.0.1]:4433'
          mqtt-scion sub '[2-ff00:0:211,127.0.0.1]:4433' 'plant/#'
          mqtt-scion pub '[2-ff00:0:211,127.0.0.1]:4433' plant/1/temp 21.5
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
        if (MosquittoHabits.FindAdvice(args) is { } advice)
        {
            await Program.TellAsync(configuration.Error, advice).ConfigureAwait(false);
            return ExitCode.Usage;
        }
        return await Program.RunAsync(Create(openInput), args, configuration, cancellationToken).ConfigureAwait(false);
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
