using System.CommandLine;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion ping</c>: asks a host for SCMP echoes.</summary>
internal sealed class PingCommand
{
    private const string Description =
        """
        Ask a host for SCMP echoes over the best path that is up.

        Paths are renewed before they expire. After an SCMP error about the path, or three requests in a row without an
        answer, the next request takes the next path. Ctrl-C ends it with the statistics.
        Exit codes: 0 when an echo came back, 1 when none did, 64 wrong command line.

        Example:
          mqtt-scion ping '[2-ff00:0:211,127.0.0.1]' --count 3 --interval 500ms
        """;

    private const int DefaultPayloadLength = 8;
    private const int MaxPayloadLength = 65_000;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly PathOptions _paths = new();
    private readonly Argument<string> _destination = Destination.HostArgument();

    private readonly Option<int?> _count = new("--count", "-c")
    {
        Description = "End after so many requests. Default: Ctrl-C ends it.",
        HelpName = "count",
    };

    private readonly Option<TimeSpan> _interval = DurationOption.Create(
        "--interval", "Time between two requests.", Shortest, Longest, TimeSpan.FromSeconds(1));

    private readonly Option<TimeSpan> _timeout = DurationOption.Create(
        "--timeout", "How long to wait for each answer.", Shortest, Longest, TimeSpan.FromSeconds(1));

    private readonly Option<int> _size = new("--size", "-s")
    {
        Description = "Bytes of echo data.",
        HelpName = "bytes",
        DefaultValueFactory = _ => DefaultPayloadLength,
    };

    private readonly Option<bool> _maxMtu = new("--max-mtu")
    {
        Description = "Send as many bytes as the path announces to carry, instead of --size.",
    };

    private readonly Option<int> _responderPort = new("--responder-port")
    {
        Description = "UDP port of SCMP responders inside the own AS; elsewhere border routers know it.",
        HelpName = "port",
        DefaultValueFactory = _ => ScionPinger.DefaultResponderPort,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print a line of JSON for each event." };

    /// <summary>Makes the command.</summary>
    public static Command Create() => new PingCommand().CreateCommand();

    private Command CreateCommand()
    {
        _count.Limit(1, int.MaxValue);
        _size.Limit(0, MaxPayloadLength);
        _responderPort.Limit(1, ushort.MaxValue);
        _interval.Aliases.Add("-i");
        var command = new Command("ping", Description)
        {
            _destination, _count, _interval, _timeout, _size, _maxMtu, _responderPort, _json,
        };
        _paths.AddTo(command);
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var destination = Destination.Parse(parse.GetValue(_destination)!);
        var options = new ScionOptions();
        var testnet = _paths.ApplyTo(options, parse);
        var isPortGiven = parse.GetResult(_responderPort) is { Implicit: false };
        var settings = new PingSettings(
            destination,
            destination.Host ?? throw new FormatException($"{destination} names no host."),
            parse.GetValue(_count),
            parse.GetValue(_interval),
            parse.GetValue(_timeout),
            parse.GetValue(_maxMtu) ? null : parse.GetValue(_size),
            (ushort)((isPortGiven ? null : testnet?.EchoPort) ?? parse.GetValue(_responderPort)));
        using var source = PathSources.Create(options);
        IPingPrinter printer = parse.GetValue(_json) ? new PingJson() : new PingText();
        using var run = new PingRun(settings, printer, parse.InvocationConfiguration.Output);
        return await run.RunAsync(source, options, cancellationToken).ConfigureAwait(false)
            ? ExitCode.Ok
            : ExitCode.Failure;
    }
}
