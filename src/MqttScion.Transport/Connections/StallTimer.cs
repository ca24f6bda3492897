namespace MqttScion.Transport;

/// <summary>Tells when something that should get on has not for a whole interval. Lives on the loop.</summary>
internal sealed class StallTimer(TimeSpan interval, long progress, TimeSpan now)
{
    private long _progress = progress;

    /// <summary>When to look at the progress next.</summary>
    public TimeSpan Due { get; private set; } = now + interval;

    /// <summary>
    /// True when it is due and nothing has moved since it was last set; else sets it anew where it was due.
    /// </summary>
    public bool IsStalled(long progress, TimeSpan now)
    {
        if (now < Due)
        {
            return false;
        }
        if (progress == _progress)
        {
            return true;
        }
        _progress = progress;
        Due = now + interval;
        return false;
    }
}
