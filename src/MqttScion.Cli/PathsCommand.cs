using System.CommandLine;
using System.Net;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary><c>mqtt-scion paths</c>: lists the paths to an AS and probes them.</summary>
internal sealed class PathsCommand
{
    private const string Description =
        """
        List the SCION paths to an AS, and probe whether they work.

        A probe asks the last border router of each path, so it needs no host at the other end.
        Exit codes: 0 when a path is alive (with --no-probe: when there is one), 1 when none is, 64 wrong command line.

        Examples:
          mqtt-scion paths 2-ff00:0:211 --extended
          mqtt-scion paths 2-ff00:0:211 --endhost-api http://127.0.0.1:10231 --acl "- 1-ff00:0:120 +" --explain
        """;

    private static readonly Dictionary<string, IPathPolicy> Orders = new()
    {
        ["hops"] = PathPolicies.FewestHops(),
        ["latency"] = PathPolicies.FewestHops().Then(PathPolicies.LowestLatency()),
        ["bandwidth"] = PathPolicies.FewestHops().Then(PathPolicies.HighestBandwidth()),
        ["mtu"] = PathPolicies.FewestHops().Then(PathPolicies.LargestMtu()),
    };

    private readonly PathOptions _paths = new();
    private readonly Argument<string> _destination = Destination.AsArgument();

    private readonly Option<bool> _extended = new("--extended", "-e")
    {
        Description = "Tell also expiry, latency, bandwidth, places, link types, internal hops, notes, fingerprint.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON instead of text." };
    private readonly Option<bool> _noProbe = new("--no-probe") { Description = "Send no probes." };

    private readonly Option<int> _max = new("--max", "-m")
    {
        Description = "List at most so many paths.",
        HelpName = "count",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<string> _order = new("--order")
    {
        Description = "Which paths come first: those of fewest hops, lowest latency, highest bandwidth or largest mtu.",
        HelpName = "order",
        DefaultValueFactory = _ => "hops",
    };

    private readonly Option<bool> _explain = new("--explain")
    {
        Description = "List also the paths that the policy denies, and tell for each what decides. They get no probes.",
    };

    private readonly Option<TimeSpan> _timeout = DurationOption.Create(
        "--timeout",
        "How long to wait for the paths, and then for the answers to the probes.",
        TimeSpan.FromMilliseconds(1),
        TimeSpan.FromHours(1),
        TimeSpan.FromSeconds(5));

    private readonly Option<string?> _write = new("--write")
    {
        Description = "Write the paths to a file for --paths-file.",
        HelpName = "file",
    };

    /// <summary>Makes the command.</summary>
    public static Command Create() => new PathsCommand().CreateCommand();

    private Command CreateCommand()
    {
        _max.Limit(1, PathStore.MaxPaths);
        _order.AcceptOnlyFromAmong([.. Orders.Keys]);
        var command = new Command("paths", Description)
        {
            _destination, _extended, _json, _noProbe, _max, _order, _explain, _timeout, _write,
        };
        _paths.AddTo(command);
        command.SetAction((parse, cancellation) => MqttScionCommand.Program.GuardAsync(
            parse.InvocationConfiguration.Error, token => RunAsync(parse, token), cancellation));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var destination = Destination.Parse(parse.GetValue(_destination)!).IsdAs;
        var options = _paths.Read(parse);
        using var source = PathSources.Create(options);
        var lookup = await PathLookup
            .RunAsync(source, destination, options, parse.GetValue(_timeout), cancellationToken)
            .ConfigureAwait(false);
        var filter = PathOptions.FilterOf(options);
        var ordered = Orders[parse.GetValue(_order)!].Apply(lookup.Paths);
        var allowed = filter.Apply(ordered);
        if (parse.GetValue(_write) is { } file)
        {
            await FixedPathSource.SaveAsync(file, lookup.LocalAses, allowed, cancellationToken).ConfigureAwait(false);
        }
        var shown = (parse.GetValue(_explain) ? ordered : allowed).Take(parse.GetValue(_max));
        var rows = Rows(shown, filter, allowed);
        var isProbed = !parse.GetValue(_noProbe) && rows.Exists(row => row.Verdict.IsAllowed && !row.Path.IsLocal);
        var report = new PathsReport(lookup.Local.IsdAs, destination, rows, null, TimeProvider.System.GetUtcNow());
        report = isProbed
            ? await ProbeAsync(report, lookup.Local, options, parse.GetValue(_timeout), cancellationToken)
                .ConfigureAwait(false)
            : report;
        await WriteAsync(report, parse, cancellationToken).ConfigureAwait(false);
        var problem = Problem(report, lookup.Paths.Count, allowed.Count, isProbed);
        if (problem is null)
            return ExitCode.Ok;
        await MqttScionCommand.Program.TellAsync(parse.InvocationConfiguration.Error, problem).ConfigureAwait(false);
        return ExitCode.Failure;
    }

    private static List<PathRow> Rows(
        IEnumerable<ScionPath> shown, IPathPolicy filter, IReadOnlyList<ScionPath> allowed)
    {
        var allowedSet = allowed.ToHashSet();
        return [.. shown.Select(path => new PathRow(path, VerdictOn(path), Outcome: null))];

        // A policy with options allows a path by itself that it leaves out where others are preferred.
        PathVerdict VerdictOn(ScionPath path)
        {
            var verdict = filter.Explain(path);
            return verdict.IsAllowed && !allowedSet.Contains(path)
                ? new PathVerdict(IsAllowed: false, $"others are preferred; alone: {verdict.Why}")
                : verdict;
        }
    }

    private static async Task<PathsReport> ProbeAsync(
        PathsReport report,
        LocalAs local,
        ScionOptions options,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var paths = report.Rows.Where(row => row.Verdict.IsAllowed).Select(row => row.Path).ToList();
        var towards = paths.Select(path => path.NextHop).OfType<IPEndPoint>().FirstOrDefault()
            ?? throw new CommandException("No path names a border router to send to.");
        var pinger = new ScionPinger(LocalSocket.Open(local, PathOptions.BindOf(options), towards));
        await using var _ = pinger.ConfigureAwait(false);
        var statuses = await pinger.ProbeAsync(paths, timeout, cancellationToken).ConfigureAwait(false);
        var outcomes = statuses.ToDictionary(status => status.Path, status => status.Outcome);
        pinger.LocalEndPoint.Host.TryGetIPAddress(out var address);
        return report with
        {
            LocalAddress = address,
            Rows =
            [
                .. report.Rows.Select(row => row with { Outcome = outcomes.GetValueOrDefault(row.Path) }),
            ],
        };
    }

    private async Task WriteAsync(PathsReport report, ParseResult parse, CancellationToken cancellationToken)
    {
        var output = parse.InvocationConfiguration.Output;
        var isExplained = parse.GetValue(_explain);
        if (parse.GetValue(_json))
        {
            await output.WriteLineAsync(PathsJson.Of(report, isExplained)).ConfigureAwait(false);
        }
        else if (report.Rows.Count > 0)
        {
            var isGrouped = parse.GetValue(_order) == "hops";
            foreach (var line in PathsText.Lines(report, parse.GetValue(_extended), isGrouped, isExplained))
                await output.WriteLineAsync(line).ConfigureAwait(false);
        }
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string? Problem(PathsReport report, int found, int allowed, bool isProbed)
    {
        var ends = $"from {report.Local} to {report.Destination}";
        if (found == 0)
            return $"No path {ends}.";
        if (allowed == 0)
            return $"No path {ends} is allowed, of {found}; --explain tells why.";
        return isProbed && !report.Rows.Any(row => row.Outcome is ProbeOutcome.Replied)
            ? $"No path {ends} is alive, of {report.Rows.Count(row => row.Outcome is not null)} probed."
            : null;
    }
}
