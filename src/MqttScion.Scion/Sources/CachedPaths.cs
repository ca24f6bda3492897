namespace MqttScion.Scion;

/// <summary>
/// What a <see cref="CachingPathSource"/> knows of one pair of ASes. Used under its lock. Times are those since the
/// cache was made, which no setting of the wall clock moves; only paths expire by the wall clock.
/// </summary>
/// <param name="source">The AS asked for; null for the preferred one.</param>
/// <param name="destination">The AS to reach.</param>
internal sealed class CachedPaths(IsdAs? source, IsdAs destination)
{
    /// <summary>The AS asked for; null for the preferred one.</summary>
    public IsdAs? Source { get; } = source;

    /// <summary>The AS to reach.</summary>
    public IsdAs Destination { get; } = destination;

    /// <summary>The paths of the last answer, less those over interfaces reported since.</summary>
    public IReadOnlyList<ScionPath> Paths { get; private set; } = [];

    /// <summary>True when the last answer was that there are no paths.</summary>
    public bool IsEmptyAnswer { get; private set; }

    /// <summary>From when on the paths are to be looked up again.</summary>
    public TimeSpan StaleAt { get; set; }

    /// <summary>Before this time no look-up starts as long as an answer is at hand.</summary>
    public TimeSpan NotBefore { get; set; }

    /// <summary>Before this time no look-up starts at all.</summary>
    public TimeSpan RestsUntil { get; set; }

    /// <summary>True when somebody asked since the last answer.</summary>
    public bool IsUsed { get; set; }

    /// <summary>True when the cache has dropped it; nothing is started for it any more.</summary>
    public bool IsDropped { get; set; }

    /// <summary>The look-up under way; null when there is none.</summary>
    public PathFlight? Flight { get; set; }

    /// <summary>Starts the next refresh; null until there was an answer.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Takes an answer.</summary>
    public void Set(IReadOnlyList<ScionPath> paths)
    {
        Paths = paths;
        IsEmptyAnswer = paths.Count == 0;
    }

    /// <summary>Drops the paths over an interface; true when there were any.</summary>
    public bool Drop(PathInterface end)
    {
        var rest = Paths.Where(path => !path.Interfaces.Contains(end)).ToList();
        var isAffected = rest.Count < Paths.Count;
        Paths = isAffected ? rest : Paths;
        return isAffected;
    }

    /// <summary>The paths that have not expired.</summary>
    public IReadOnlyList<ScionPath> PathsAt(DateTimeOffset utcNow) =>
        Paths.All(path => path.Expiry > utcNow) ? Paths : [.. Paths.Where(path => path.Expiry > utcNow)];
}
