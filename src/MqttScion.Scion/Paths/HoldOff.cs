namespace MqttScion.Scion;

/// <summary>How long what was reported down is held back: longer each time, less after it stayed quiet.</summary>
internal static class HoldOff
{
    /// <summary>The hold-off after a first report.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(10);

    /// <summary>The longest hold-off.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The quiet time, counted from the end of a hold-off, that halves what it counts for.</summary>
    public static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(2);

    /// <summary>The next hold-off: twice the last, halved for each half-life of quiet.</summary>
    /// <param name="last">The last hold-off; zero for a first report.</param>
    /// <param name="quiet">The time since it ended.</param>
    public static TimeSpan Next(TimeSpan last, TimeSpan quiet)
    {
        var next = 2 * Decayed(last, quiet);
        return next < First ? First : next > Longest ? Longest : next;
    }

    /// <summary>True when a hold-off ended so long ago that it no longer lengthens the next.</summary>
    public static bool IsForgotten(TimeSpan last, TimeSpan quiet) => 2 * Decayed(last, quiet) <= First;

    private static TimeSpan Decayed(TimeSpan last, TimeSpan quiet) => last * Math.Pow(0.5, quiet / HalfLife);
}
