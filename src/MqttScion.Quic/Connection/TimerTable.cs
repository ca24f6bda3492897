namespace MqttScion.Quic;

/// <summary>When each timer of a connection fires.</summary>
internal sealed class TimerTable
{
    // As ticks, the greatest of which are never: the least of them is asked for after every datagram.
    private readonly long[] _deadlines = new long[(int)QuicTimer.Count];

    public TimerTable() => Clear();

    /// <summary>The deadline of a timer, or null while it is off.</summary>
    public TimeSpan? this[QuicTimer timer]
    {
        get => _deadlines[(int)timer] is var ticks and not long.MaxValue ? new TimeSpan(ticks) : null;
        set => _deadlines[(int)timer] = value?.Ticks ?? long.MaxValue;
    }

    public TimeSpan? Next
    {
        get
        {
            var next = long.MaxValue;
            foreach (var deadline in _deadlines)
                next = Math.Min(next, deadline);
            return next == long.MaxValue ? null : new TimeSpan(next);
        }
    }

    /// <summary>Turns a timer off if it is due, and says so.</summary>
    public bool TryExpire(QuicTimer timer, TimeSpan now)
    {
        if (_deadlines[(int)timer] > now.Ticks)
            return false;
        _deadlines[(int)timer] = long.MaxValue;
        return true;
    }

    public void Clear() => Array.Fill(_deadlines, long.MaxValue);
}
