namespace MqttScion.Scion;

/// <summary>How a <see cref="PathProber"/> probes. Frozen on use.</summary>
public sealed class PathProberOptions
{
    /// <summary>The time between two probes of a path, ± 10 %. Default 10 s; at least 1 s.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer is waited for. Default 1 s; positive.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many probes are sent in a second, over all paths. Default 10; 1 to 1000.</summary>
    public int MaxPerSecond { get; set; } = 10;

    /// <summary>After how many lost probes in a row a path is down. Default 3; 1 to 32.</summary>
    public int LossesUntilDown { get; set; } = 3;

    /// <summary>
    /// The host that is asked for echoes, which needs an SCMP responder. Default null: the last border router of each
    /// path is asked instead.
    /// </summary>
    public ScionHost? EchoHost { get; set; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Interval, TimeSpan.FromSeconds(1), nameof(Interval));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Interval, TimeSpan.FromDays(1), nameof(Interval));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero, nameof(Timeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, TimeSpan.FromDays(1), nameof(Timeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPerSecond, 1, nameof(MaxPerSecond));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxPerSecond, 1000, nameof(MaxPerSecond));
        ArgumentOutOfRangeException.ThrowIfLessThan(LossesUntilDown, 1, nameof(LossesUntilDown));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LossesUntilDown, 32, nameof(LossesUntilDown));
    }
}
