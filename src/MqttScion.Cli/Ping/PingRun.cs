using System.Diagnostics;
using System.Reactive.Linq;
using System.Reactive.Threading.Tasks;
using MqttScion.Scion;

namespace MqttScion.Cli;

/// <summary>Pings a host over the best path that is up, until the count is reached or it is interrupted.</summary>
/// <remarks>
/// A path goes down by an SCMP error about it, or when three requests in a row stay without an answer; the next request
/// takes the next path. Paths are renewed before they expire.
/// </remarks>
internal sealed class PingRun : IDisposable
{
    private const int LossesUntilDown = 3;

    // Version to path type, the two ISD-ASes, and the SCMP header with identifier and sequence number.
    private const int FixedHeaderLength = 12 + 16 + 8;

    private readonly PingSettings _settings;
    private readonly IPingPrinter _printer;
    private readonly TextWriter _output;
    private readonly PathStore _store = new();
    private readonly PingStatistics _statistics = new();
    private readonly Lock _lock = new();
    private ScionPath? _lossyPath;
    private int _lossesInRow;

    /// <summary>Prepares a run.</summary>
    public PingRun(PingSettings settings, IPingPrinter printer, TextWriter output) =>
        (_settings, _printer, _output) = (settings, printer, output);

    /// <summary>Runs; true when an echo came back.</summary>
    /// <param name="source">Where paths come from.</param>
    /// <param name="options">The local address and AS, and the policy.</param>
    /// <param name="cancellationToken">Ends the run in order.</param>
    /// <exception cref="CommandException">There is no path.</exception>
    public async Task<bool> RunAsync(IPathSource source, ScionOptions options, CancellationToken cancellationToken)
    {
        var isdAs = _settings.Destination.IsdAs;
        var policy = PathPolicies.FewestHops().Then(PathOptions.FilterOf(options));
        var lookup = await PathLookup.RunAsync(source, isdAs, options, PathLookup.Limit, cancellationToken)
            .ConfigureAwait(false);
        var path = lookup.BestOf(policy);
        var towards = LocalSocket.FirstStopOf(path, _settings.Host)
            ?? throw new CommandException($"The path names no border router: {path}.");
        var socket = LocalSocket.Open(lookup.Local, PathOptions.BindOf(options), towards);
        var pinger = new ScionPinger(socket, [_store], _settings.ResponderPort);
        await using var pingerDisposal = pinger.ConfigureAwait(false);
        Print(_printer.Start(_settings.Destination, pinger.LocalEndPoint, LengthOn(path, pinger)));
        // A store's events never fail.
        using var events = _store.Events.Subscribe(each => Print(_printer.Path(each)), _ => { });
        using var selector = new StickySelector(_store);
        var refresher = new PathRefresher(source, isdAs, _store, policy, lookup.Local.IsdAs);
        await using var refresherDisposal = refresher.ConfigureAwait(false);
        await refresher.Refreshes.FirstAsync().ToTask(cancellationToken).ConfigureAwait(false);

        var started = Stopwatch.GetTimestamp();
        await SendAllAsync(pinger, cancellationToken).ConfigureAwait(false);
        Print([.. _printer.End(_settings.Destination, _statistics, Stopwatch.GetElapsedTime(started))]);
        return _statistics.Received > 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private async Task SendAllAsync(ScionPinger pinger, CancellationToken cancellationToken)
    {
        List<Task> open = [];
        using var timer = new PeriodicTimer(_settings.Interval);
        try
        {
            for (var sequence = 0; _settings.Count is null || sequence < _settings.Count; sequence++)
            {
                if (sequence > 0)
                    await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
                open.RemoveAll(task => task.IsCompletedSuccessfully);
                open.Add(PingAsync(pinger, sequence, cancellationToken));
            }
            await Task.WhenAll(open).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The answers under way are not waited for, and don't count.
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PingAsync(ScionPinger pinger, int sequence, CancellationToken cancellationToken)
    {
        var result = _store.Selected is { } path
            ? await pinger
                .PingAsync(path, _settings.Host, LengthOn(path, pinger), _settings.Timeout, cancellationToken)
                .ConfigureAwait(false)
            : new PingResult(Path: null, new ProbeOutcome.NotSent("no path"));
        lock (_lock)
        {
            _statistics.Add(result.Outcome);
            Print(_printer.Outcome(sequence, _settings.Destination, result));
            Judge(result);
        }
    }

    private int LengthOn(ScionPath path, ScionPinger pinger) =>
        _settings.PayloadLength ?? Math.Max(0, path.Mtu - path.DataplanePath.Length - FixedHeaderLength
            - _settings.Host.Length - pinger.LocalEndPoint.Host.Length);

    // SCMP errors are judged by the pinger.
    private void Judge(PingResult result)
    {
        if (result.Path is not { } path)
            return;
        if (result.Outcome is ProbeOutcome.Replied)
        {
            (_lossyPath, _lossesInRow) = (null, 0);
            _store.MarkUp(path);
        }
        else if (result.Outcome is ProbeOutcome.TimedOut)
        {
            _lossesInRow = path.Equals(_lossyPath) ? _lossesInRow + 1 : 1;
            _lossyPath = path;
            if (_lossesInRow == LossesUntilDown)
            {
                _lossesInRow = 0;
                _store.MarkDown(path, $"{LossesUntilDown} requests in a row without an answer");
            }
        }
    }

    private void Print(params IReadOnlyList<string?> lines)
    {
        lock (_lock)
        {
            foreach (var line in lines.OfType<string>())
                _output.WriteLine(TerminalText.Escape(line));
            _output.Flush();
        }
    }
}
