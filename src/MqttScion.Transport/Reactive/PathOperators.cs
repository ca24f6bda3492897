using System.Reactive.Linq;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>Operators over path events, for clients and proxies alike.</summary>
public static class PathOperators
{
    /// <summary>The path in use, each time that it changes.</summary>
    public static IObservable<ScionPath> SelectedPaths(this IObservable<PathEvent> events) =>
        events.OfType<PathEvent.Selected>().Select(e => e.Path).DistinctUntilChanged();

    /// <summary>
    /// Degradations by at least a factor over the shortest round trip that was seen on the same path before.
    /// </summary>
    /// <param name="events">The path events.</param>
    /// <param name="rtt">The factor; above 1.</param>
    public static IObservable<PathEvent.Degraded> WhenDegraded(this IObservable<PathEvent> events, double rtt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(rtt, 1.0);
        return events.OfType<PathEvent.Degraded>()
            .GroupBy(e => e.Path)
            .SelectMany(path => path.Scan(
                (Shortest: TimeSpan.MaxValue, Event: default(PathEvent.Degraded), IsWorse: false),
                (seen, e) => (
                    e.Rtt < seen.Shortest ? e.Rtt : seen.Shortest,
                    e,
                    seen.Shortest != TimeSpan.MaxValue && e.Rtt >= seen.Shortest * rtt)))
            .Where(seen => seen.IsWorse)
            .Select(seen => seen.Event!);
    }
}
