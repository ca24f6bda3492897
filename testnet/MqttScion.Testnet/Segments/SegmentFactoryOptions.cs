namespace MqttScion.Testnet;

/// <summary>How long the segments of a <see cref="SegmentFactory"/> live.</summary>
public sealed class SegmentFactoryOptions
{
    /// <summary>
    /// The lifetime of each hop field, rounded down to steps of 337.5 s; default and most 1 day, least 337.5 s.
    /// </summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How far in the past the segments are made; default zero. On the wire no hop field lives shorter than 337.5 s, so
    /// this is the way to paths that expire soon.
    /// </summary>
    public TimeSpan Backdating { get; set; }
}
