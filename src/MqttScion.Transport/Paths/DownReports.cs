using System.Reactive.Linq;
using Microsoft.Extensions.Logging;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>
/// Tells the path source which interfaces are down, so that it leaves out paths over them, for other users of it too:
/// each interface at most once in ten seconds.
/// </summary>
internal sealed class DownReports : IDisposable
{
    private const int MaxRemembered = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly IPathSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<PathInterface, long> _reportedAt = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly IDisposable _subscription;

    public DownReports(IPathSource source, IObservable<PathEvent> events, TimeProvider time, ILogger log)
    {
        (_source, _time, _log) = (source, time, log);
        _subscription = events
            .OfType<PathEvent.Down>()
            .Select(down => down.Fault?.Interface)
            .Where(end => end is not null)
            .Select(end => end!.Value)
            .Where(IsNew)
            .Subscribe(
                end => _ = ReportAsync(end),
                error => TransportLog.DownReportFailed(_log, default, error.Message));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _subscription.Dispose();
        _stop.Cancel();
        _stop.Dispose();
    }

    private bool IsNew(PathInterface end)
    {
        lock (_reportedAt)
        {
            var now = _time.GetTimestamp();
            if (_reportedAt.TryGetValue(end, out var last) && _time.GetElapsedTime(last, now) < Pause)
            {
                return false;
            }
            if (_reportedAt.Count >= MaxRemembered)
            {
                _reportedAt.Clear(); // An interface may be reported again too early; the source bears it.
            }
            _reportedAt[end] = now;
            return true;
        }
    }

    private async Task ReportAsync(PathInterface end)
    {
        // The source may be the user's; we are on whichever thread marked the path, most often a loop.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _source.ReportDownAsync(end, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is PathLookupException or OperationCanceledException or ObjectDisposedException)
        {
            // A hint that did not arrive: the paths are held back here all the same.
            TransportLog.DownReportFailed(_log, end, e.Message);
        }
    }
}
