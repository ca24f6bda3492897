namespace MqttScion.Quic;

/// <summary>When each timer of a connection fires.</summary>
internal sealed class TimerTable
{
    private readonly TimeSpan?[] _deadlines = new TimeSpan?[(int)QuicTimer.Count];

    /// <summary>The deadline of a timer, or null while it is off.</summary>
    public TimeSpan? this[QuicTimer timer]
    {
        get => _deadlines[(int)timer];
        set => _deadlines[(int)timer] = value;
    }

    public TimeSpan? Next
    {
        get
        {
            TimeSpan? next = null;
            foreach (var deadline in _deadlines)
            {
                if (deadline is { } time && (next is not { } earliest || time < earliest))
                    next = time;
            }

            return next;
        }
    }

    /// <summary>Turns a timer off if it is due, and says so.</summary>
    public bool TryExpire(QuicTimer timer, TimeSpan now)
    {
        if (this[timer] is not { } deadline || deadline > now)
            return false;
        this[timer] = null;
        return true;
    }

    public void Clear() => Array.Clear(_deadlines);
}
