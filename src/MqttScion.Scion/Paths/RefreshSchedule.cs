namespace MqttScion.Scion;

/// <summary>When the next look-up is due.</summary>
/// <remarks>
/// After a look-up with paths: in five minutes, or two minutes before the first of them expires, or when half of what
/// is left is over if that is less than four minutes; ± 10 %, and not before two seconds are over. After a failure, or
/// a look-up without paths: one second, doubling to a minute, ± 10 %. A request makes it due at once, within the two
/// seconds or the back-off.
/// </remarks>
internal sealed class RefreshSchedule(Random random)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan ExpiryLead = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(1);

    private const double Jitter = 0.1;

    private TimeSpan _earliest;
    private TimeSpan _backOff;

    /// <summary>When to look up next; the first time at once.</summary>
    public TimeSpan Next { get; private set; }

    /// <summary>Takes note of a look-up that returned paths.</summary>
    /// <param name="now">When it ended.</param>
    /// <param name="remaining">The time until the first of the paths expires.</param>
    public void Succeed(TimeSpan now, TimeSpan remaining)
    {
        _backOff = TimeSpan.Zero;
        var lead = remaining / 2 < ExpiryLead ? remaining / 2 : ExpiryLead;
        var wait = remaining - lead < Interval ? remaining - lead : Interval;
        _earliest = now + ShortestInterval;
        Next = Later(now + Jittered(wait), _earliest);
    }

    /// <summary>Takes note of a look-up that failed or returned no path.</summary>
    public void Fail(TimeSpan now)
    {
        _backOff = _backOff == TimeSpan.Zero ? FirstBackOff : Shorter(2 * _backOff, LongestBackOff);
        Next = _earliest = now + Jittered(_backOff);
    }

    /// <summary>Makes the next look-up due as soon as may be.</summary>
    public void Request(TimeSpan now) => Next = Shorter(Next, Later(now, _earliest));

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private TimeSpan Jittered(TimeSpan wait) => wait * (1 + Jitter * (2 * random.NextDouble() - 1));
}
