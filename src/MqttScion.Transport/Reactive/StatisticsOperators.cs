using System.Reactive.Linq;

namespace MqttScion;

/// <summary>Operators over the statistics of a connection, for clients and proxies alike.</summary>
public static class StatisticsOperators
{
    /// <summary>
    /// The statistics with which the smoothed round trip of a path rises to a factor of the least that was seen on it:
    /// once, until it has fallen below again.
    /// </summary>
    /// <param name="statistics">The statistics of a connection.</param>
    /// <param name="rtt">The factor; above 1.</param>
    public static IObservable<ConnectionStatistics> WhenDegraded(
        this IObservable<ConnectionStatistics> statistics, double rtt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(rtt, 1.0);
        return statistics
            .Where(each => each.Quic.MinRtt > TimeSpan.Zero)
            .GroupBy(each => (each.Remote, each.Quic.PathId))
            .SelectMany(path => path
                .Select(each => (Statistics: each, IsDegraded: each.Quic.SmoothedRtt >= each.Quic.MinRtt * rtt))
                .DistinctUntilChanged(each => each.IsDegraded))
            .Where(each => each.IsDegraded)
            .Select(each => each.Statistics);
    }

    /// <summary>
    /// The share of packets that were found lost among those sent, from 0 to 1, between one sample and the next. Spans
    /// in which nothing was sent are left out, and so is the change from one connection to the next.
    /// </summary>
    public static IObservable<double> LossRatios(this IObservable<ConnectionStatistics> statistics) =>
        statistics
            .Buffer(count: 2, skip: 1)
            .Where(pair => pair.Count == 2 && pair[0].Cause != StatisticsCause.Closed)
            .Select(pair => (
                Sent: pair[1].Quic.SentPackets - pair[0].Quic.SentPackets,
                Lost: pair[1].Quic.LostPackets - pair[0].Quic.LostPackets))
            .Where(change => change.Sent > 0)
            .Select(change => Math.Min(1.0, (double)change.Lost / change.Sent));
}
