namespace MqttScion;

/// <summary>
/// Counts the failures that came one after the other without progress between them. Progress is a connection that lived
/// for some time, and on which, when it ended by a broken rule, something was acknowledged before.
/// </summary>
internal sealed class LossRun(ClientSettings settings)
{
    // A connection that lived at least this long is made again at once; a shorter one waits, or two sides that drop
    // each other would spin.
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(10);

    private string? _key;
    private int _losses;

    /// <summary>The coming attempt, from 1.</summary>
    public int Attempt { get; private set; } = 1;

    /// <summary>How many times in a row the cause was the same.</summary>
    public int SameCauseCount { get; private set; }

    /// <summary>A connection ended.</summary>
    /// <param name="cause">Why.</param>
    /// <param name="lived">For how long it was up.</param>
    /// <param name="hasAcknowledged">True when either side acknowledged something on it.</param>
    /// <returns>How long to wait before the next attempt.</returns>
    public TimeSpan OnLost(Exception cause, TimeSpan lived, bool hasAcknowledged)
    {
        var isBroken = ConnectFailures.IsBrokenRule(cause);
        if (lived >= ShortLife && (hasAcknowledged || !isBroken))
        {
            (_losses, _key) = (0, null);
        }
        else
        {
            _losses++;
        }
        Count(cause);
        Attempt = isBroken && SameCauseCount > 1 ? Attempt + 1 : 1;
        return ConnectFailures.IsRefusal(cause) ? Longest(settings)
            : _losses == 0 ? TimeSpan.Zero
            : Bounded(settings.Options.ReconnectDelay * Math.Pow(2, Math.Min(_losses - 1, 16)) * (0.5 + Share()));
    }

    /// <summary>An attempt failed.</summary>
    public void OnFailed(Exception cause)
    {
        Count(cause);
        Attempt++;
    }

    /// <summary>The wait after a refusal. Spread, so that a whole fleet does not come back at once.</summary>
    public static TimeSpan Longest(ClientSettings settings) =>
        settings.Options.MaxReconnectDelay * (0.75 + (0.25 * Share()));

    private void Count(Exception cause)
    {
        var key = ConnectFailures.KeyOf(cause);
        SameCauseCount = key == _key ? SameCauseCount + 1 : 1;
        _key = key;
    }

    private TimeSpan Bounded(TimeSpan delay) =>
        delay < settings.Options.MaxReconnectDelay ? delay : settings.Options.MaxReconnectDelay;

    private static double Share() => Random.Shared.NextDouble();
}
