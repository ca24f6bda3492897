using System.Globalization;

namespace MqttScion.Tools;

/// <summary>Durations as text.</summary>
public static class DurationText
{
    /// <summary>A measured time, in milliseconds down to microseconds: <c>12.345ms</c>.</summary>
    public static string Measured(TimeSpan duration) =>
        duration.TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture) + "ms";

    /// <summary>A time as somebody set it, in its largest units: <c>1.5s</c>, <c>10ms</c>, <c>6h</c>.</summary>
    public static string Of(TimeSpan duration)
    {
        var (value, unit) = duration switch
        {
            { TotalSeconds: < 1 and not 0 } => (duration.TotalMilliseconds, "ms"),
            _ when duration >= TimeSpan.FromHours(1) && duration.Ticks % TimeSpan.TicksPerHour == 0
                => (duration.TotalHours, "h"),
            _ when duration >= TimeSpan.FromMinutes(1) && duration.Ticks % TimeSpan.TicksPerMinute == 0
                => (duration.TotalMinutes, "m"),
            _ => (duration.TotalSeconds, "s"),
        };
        return value.ToString("0.###", CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>What is left, in two units: <c>23h59m</c>, <c>5m12s</c>, <c>12s</c>; <c>expired</c> when nothing is.
    /// </summary>
    public static string Remaining(TimeSpan duration) => duration switch
    {
        _ when duration <= TimeSpan.Zero => "expired",
        { TotalHours: >= 1 } => FormattableString.Invariant($"{(int)duration.TotalHours}h{duration.Minutes:00}m"),
        { TotalMinutes: >= 1 } => FormattableString.Invariant($"{duration.Minutes}m{duration.Seconds:00}s"),
        _ => FormattableString.Invariant($"{(int)duration.TotalSeconds}s"),
    };
}
