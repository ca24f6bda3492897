using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion.Transport;

/// <summary>
/// Decides when the statistics of a connection are worth telling: after each interval in which they changed, and at
/// once when the path or the keys have changed or the connection is over. Belongs to the loop.
/// </summary>
internal sealed class StatisticsSampler(
    ServerAddress remote, TimeSpan interval, Action<ConnectionStatistics> publish)
{
    private QuicStatistics _last;
    private bool _hasLast;
    private TimeSpan _dueAt;

    /// <summary>When <see cref="Sample"/> is due; null while nobody observes.</summary>
    public TimeSpan? NextTimeout { get; private set; }

    /// <summary>Nobody observes.</summary>
    public void Rest() => NextTimeout = null;

    /// <summary>Looks at the statistics, and publishes them when it is time.</summary>
    public void Sample(in QuicStatistics statistics, ScionPath? path, TimeSpan now)
    {
        var isDue = !_hasLast || now >= _dueAt;
        StatisticsCause? cause =
            _hasLast && statistics.PathId != _last.PathId ? StatisticsCause.PathChanged
            : _hasLast && statistics.KeyUpdates != _last.KeyUpdates ? StatisticsCause.KeysUpdated
            : isDue && statistics != _last ? StatisticsCause.Interval
            : null;
        if (isDue || cause is not null)
        {
            _dueAt = now + interval;
        }
        NextTimeout = _dueAt;
        if (cause is { } why)
        {
            Publish(statistics, path, why);
        }
    }

    /// <summary>The connection is over: its last numbers are told to whoever observes, now or later.</summary>
    public void Close(in QuicStatistics statistics, ScionPath? path)
    {
        NextTimeout = null;
        Publish(statistics, path, StatisticsCause.Closed);
    }

    private void Publish(in QuicStatistics statistics, ScionPath? path, StatisticsCause cause)
    {
        _last = statistics;
        _hasLast = true;
        publish(new ConnectionStatistics(remote, path, cause, statistics));
    }
}
