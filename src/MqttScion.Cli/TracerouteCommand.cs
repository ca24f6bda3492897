using System.CommandLine;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion traceroute</c>: asks the border routers along a path.</summary>
internal sealed class TracerouteCommand
{
    private const string Description =
        """
        Ask the border routers at all interfaces of the best path to an AS for their round-trip times.

        A line for each interface: router, interface, round trips; * for a lost one, !(...) for an SCMP error.
        Exit codes: 0 when a router answered, 1 when none did, 64 wrong command line.

        Example:
          mqtt-scion traceroute 2-ff00:0:211 --probes 1
        """;

    private readonly PathOptions _paths = new();
    private readonly Argument<string> _destination = Destination.AsArgument();

    private readonly Option<TimeSpan> _timeout = DurationOption.Create(
        "--timeout",
        "How long to wait for each answer.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromSeconds(1));

    private readonly Option<int> _probes = new("--probes")
    {
        Description = "How many requests each router gets.",
        HelpName = "count",
        DefaultValueFactory = _ => 3,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON instead of text." };

    /// <summary>Makes the command.</summary>
    public static Command Create() => new TracerouteCommand().CreateCommand();

    private Command CreateCommand()
    {
        _probes.Limit(1, 100);
        var command = new Command("traceroute", Description) { _destination, _timeout, _probes, _json };
        _paths.AddTo(command);
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var destination = Destination.Parse(parse.GetValue(_destination)!);
        var options = _paths.Read(parse);
        using var source = PathSources.Create(options);
        var lookup = await PathLookup
            .RunAsync(source, destination.IsdAs, options, PathLookup.Limit, cancellationToken)
            .ConfigureAwait(false);
        var path = lookup.BestOf(PathPolicies.FewestHops().Then(PathOptions.FilterOf(options)));
        if (path.IsLocal)
            throw new CommandException($"{destination.IsdAs} is the local AS: no border router is on the way.");
        var towards = LocalSocket.FirstStopOf(path, host: null)
            ?? throw new CommandException($"The path names no border router: {path}.");
        var pinger = new ScionPinger(LocalSocket.Open(lookup.Local, PathOptions.BindOf(options), towards));
        await using var _ = pinger.ConfigureAwait(false);
        var hops = pinger.TracerouteAsync(path, parse.GetValue(_timeout), parse.GetValue(_probes), cancellationToken);
        var isAnswered = await WriteAsync(path, hops, parse, cancellationToken).ConfigureAwait(false);
        return isAnswered ? ExitCode.Ok : ExitCode.Failure;
    }

    private async Task<bool> WriteAsync(
        ScionPath path, IAsyncEnumerable<TracerouteHop> hops, ParseResult parse, CancellationToken cancellationToken)
    {
        var output = parse.InvocationConfiguration.Output;
        var isJson = parse.GetValue(_json);
        List<TracerouteHop> all = [];
        if (!isJson)
            await output.WriteLineAsync($"Using path: {path}").ConfigureAwait(false);
        await foreach (var hop in hops.ConfigureAwait(false))
        {
            if (!isJson)
            {
                await output.WriteLineAsync(TraceText.Line(all.Count, hop)).ConfigureAwait(false);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            all.Add(hop);
        }
        if (isJson)
            await output.WriteLineAsync(TraceText.Json(path, all)).ConfigureAwait(false);
        return all.Exists(hop => hop.Outcomes.Any(outcome => outcome is ProbeOutcome.Replied));
    }
}
