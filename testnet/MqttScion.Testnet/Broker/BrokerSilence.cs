namespace MqttScion.Testnet;

/// <summary>Tells once that nothing was heard for too long. The timer is set anew only when it runs out.</summary>
internal sealed class BrokerSilence : IDisposable
{
    /// <summary>The longest time that a timer can be set to is a little above this.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(40);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Action _onSilence;
    private readonly ITimer _timer;
    private TimeSpan _limit;
    private long _heardAt;
    private bool _isOver;

    public BrokerSilence(TimeProvider time, TimeSpan limit, Action onSilence)
    {
        (_time, _limit, _onSilence, _heardAt) = (time, limit, onSilence, time.GetTimestamp());
        _timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        SetTimer(limit);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            _timer.Dispose();
        }
    }

    /// <summary>Starts the time again, with the limit from now on.</summary>
    public void OnHeard(TimeSpan limit)
    {
        Volatile.Write(ref _heardAt, _time.GetTimestamp());
        if (limit == _limit)
        {
            return;
        }
        lock (_lock)
        {
            _limit = limit;
            SetTimer(limit);
        }
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            if (_isOver || _limit == Timeout.InfiniteTimeSpan)
            {
                return;
            }
            var left = _limit - _time.GetElapsedTime(Volatile.Read(ref _heardAt));
            if (left > TimeSpan.Zero)
            {
                SetTimer(left);
                return;
            }
            // While the broker is frozen nothing happens, and then the time starts again.
            Volatile.Write(ref _heardAt, _time.GetTimestamp());
            SetTimer(_limit);
        }
        _onSilence();
    }

    private void SetTimer(TimeSpan after) => _timer.Change(
        after == Timeout.InfiniteTimeSpan ? after
            : after > _longest ? _longest
            : TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(after.TotalMilliseconds, 0))),
        Timeout.InfiniteTimeSpan);
}
