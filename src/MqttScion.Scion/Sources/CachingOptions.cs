namespace MqttScion.Scion;

/// <summary>How long a <see cref="CachingPathSource"/> keeps what it knows. Read once.</summary>
public sealed class CachingOptions
{
    /// <summary>How long paths are used before they are looked up again; default 5 min, at most a day.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long before the first path expires the paths are looked up again, if that comes first; default 2 min, zero
    /// to a day.
    /// </summary>
    public TimeSpan ExpiryLead { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The least time from one answer to the next look-up, whatever is reported or expires; default 2 s, at most a
    /// day.
    /// </summary>
    public TimeSpan MinRefreshInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long after a failed refresh in the background the next is tried; default 10 s, at most a day.
    /// </summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer that there are no paths is kept; default 5 s, zero to a day.</summary>
    public TimeSpan EmptyLifetime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many pairs of source and destination are kept; beyond it the one not used for longest goes. Default 1024,
    /// one or more.
    /// </summary>
    public int MaxEntries { get; set; } = 1024;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        var most = TimeSpan.FromDays(1);
        foreach (var each in new[] { RefreshInterval, MinRefreshInterval, RetryPause })
        {
            if (each <= TimeSpan.Zero || each > most)
            {
                throw new ArgumentException(
                    $"RefreshInterval, MinRefreshInterval and RetryPause must be more than zero and at most {most}; "
                    + $"one is {each}.");
            }
        }
        if (ExpiryLead < TimeSpan.Zero || EmptyLifetime < TimeSpan.Zero || ExpiryLead > most || EmptyLifetime > most)
        {
            throw new ArgumentException(
                $"ExpiryLead and EmptyLifetime must be zero to {most}; they are {ExpiryLead} and {EmptyLifetime}.");
        }
        if (MaxEntries < 1)
        {
            throw new ArgumentException($"MaxEntries must be one or more; it is {MaxEntries}.");
        }
    }
}
