using System.Reactive.Subjects;
using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Transport.Tests;

public sealed class StatisticsOperatorsTests
{
    private static readonly ScionEndPoint Remote = ScionEndPoint.Parse("[1-ff00:0:110,10.0.0.2]:4433");

    [Fact]
    public void WhenDegraded_tells_each_rise_beyond_the_factor_once_per_path()
    {
        using var statistics = new Subject<ConnectionStatistics>();
        var seen = new List<(int Path, double Milliseconds)>();
        using var subscription = statistics.WhenDegraded(rtt: 2.0)
            .Subscribe(each => seen.Add((each.Quic.PathId, each.Quic.SmoothedRtt.TotalMilliseconds)));

        foreach (var (path, least, smoothed) in new[]
        {
            (0, 0, 333), (0, 10, 10), (0, 10, 19), (0, 10, 20), (0, 10, 30), (1, 50, 60), (0, 10, 15), (0, 10, 25),
            (1, 50, 100),
        })
            statistics.OnNext(Of(path: path, least: least, smoothed: smoothed));

        seen.Should().Equal((0, 20), (0, 25), (1, 100));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void WhenDegraded_refuses_factors_that_are_always_reached(double factor)
    {
        using var statistics = new Subject<ConnectionStatistics>();
        var act = () => statistics.WhenDegraded(factor);
        act.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void LossRatios_are_those_between_samples()
    {
        using var statistics = new Subject<ConnectionStatistics>();
        var seen = new List<double>();
        using var subscription = statistics.LossRatios().Subscribe(seen.Add);

        foreach (var (sent, lost, cause) in new[]
        {
            (10, 0, StatisticsCause.Interval), (20, 1, StatisticsCause.Interval), (20, 1, StatisticsCause.PathChanged),
            (24, 2, StatisticsCause.Closed), (5, 0, StatisticsCause.Interval), (10, 0, StatisticsCause.Interval),
        })
            statistics.OnNext(Of(sent: sent, lost: lost, cause: cause));

        seen.Should().Equal(0.1, 0.25, 0);
    }

    private static ConnectionStatistics Of(
        int path = 0,
        int least = 0,
        int smoothed = 0,
        long sent = 0,
        long lost = 0,
        StatisticsCause cause = StatisticsCause.Interval) => new(Remote, null, cause, new QuicStatistics
        {
            PathId = path,
            MinRtt = TimeSpan.FromMilliseconds(least),
            SmoothedRtt = TimeSpan.FromMilliseconds(smoothed),
            SentPackets = sent,
            LostPackets = lost,
        });
}
