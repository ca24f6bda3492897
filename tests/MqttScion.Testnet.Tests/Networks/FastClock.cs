namespace MqttScion.Testnet.Tests;

/// <summary>
/// A clock that runs faster than the system's up to a limit, where it stands still: so that a slow machine is not taken
/// for one that does nothing for minutes. Safe to use from several threads.
/// </summary>
internal sealed class FastClock(double rate) : TimeProvider
{
    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    private readonly long _startedAt = System.GetTimestamp();
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly Lock _lock = new();
    private TimeSpan _limit;
    private TimeSpan _stood;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + Elapsed();

    public override long GetTimestamp() => Elapsed().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        period == Timeout.InfiniteTimeSpan
            ? new FastTimer(this, callback, state, dueTime)
            : throw new NotSupportedException("The timers of this clock fire once.");

    /// <summary>Lets the clock run on from where it is; before the first call it stands still.</summary>
    public void RunUpTo(DateTimeOffset limit)
    {
        lock (_lock)
        {
            _stood = Run() - Elapsed();
            _limit = limit - _start > _limit ? limit - _start : _limit;
        }
    }

    private TimeSpan Elapsed()
    {
        lock (_lock)
        {
            var elapsed = Run() - _stood;
            return elapsed < _limit ? elapsed : _limit;
        }
    }

    private TimeSpan Run() => System.GetElapsedTime(_startedAt) * rate;

    // At least a millisecond, so that a timer of a clock that stands still does not spin.
    private TimeSpan Real(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time / rate / OneMillisecond) + 1);

    /// <summary>Looks at the clock when the real time is over, and waits on if that stood still meanwhile.</summary>
    private sealed class FastTimer : ITimer
    {
        private readonly FastClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private readonly Lock _lock = new();
        private TimeSpan? _due;

        public FastTimer(FastClock clock, TimerCallback callback, object? state, TimeSpan dueTime)
        {
            (_clock, _callback, _state) = (clock, callback, state);
            _timer = System.CreateTimer(_ => OnReal(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : _clock.Elapsed() + dueTime;
                return Arm();
            }
        }

        public void Dispose() => _timer.Dispose();

        public ValueTask DisposeAsync() => _timer.DisposeAsync();

        private void OnReal()
        {
            lock (_lock)
            {
                if (_due is null || _clock.Elapsed() < _due)
                {
                    Arm();
                    return;
                }
                _due = null;
            }
            _callback(_state);
        }

        private bool Arm()
        {
            var left = _due is { } due ? _clock.Real(due - _clock.Elapsed()) : Timeout.InfiniteTimeSpan;
            return _timer.Change(left, Timeout.InfiniteTimeSpan);
        }
    }
}
