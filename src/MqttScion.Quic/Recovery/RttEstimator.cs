namespace MqttScion.Quic;

/// <summary>The round-trip time of one path (RFC 9002 §5).</summary>
internal sealed class RttEstimator
{
    /// <summary>The estimate before the first sample (RFC 9002 §6.2.2).</summary>
    public static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(333);

    /// <summary>kGranularity of RFC 9002 §6.1.2.</summary>
    public static readonly TimeSpan Granularity = TimeSpan.FromMilliseconds(1);

    public bool HasSample { get; private set; }

    /// <summary>When the first sample was taken; meaningful once <see cref="HasSample"/>.</summary>
    public TimeSpan FirstSampleAt { get; private set; }

    public TimeSpan Latest { get; private set; } = Initial;

    public TimeSpan Smoothed { get; private set; } = Initial;

    public TimeSpan Variation { get; private set; } = Initial / 2;

    public TimeSpan Min { get; private set; }

    /// <summary>The time threshold of loss detection (RFC 9002 §6.1.2).</summary>
    public TimeSpan LossDelay => Max(new TimeSpan(Max(Latest, Smoothed).Ticks * 9 / 8), Granularity);

    /// <summary>The probe timeout without the peer's max_ack_delay and without back-off (RFC 9002 §6.2.1).</summary>
    public TimeSpan ProbeTimeout => Smoothed + Max(new TimeSpan(Variation.Ticks * 4), Granularity);

    /// <summary>
    /// Takes a sample (RFC 9002 §5.3); <paramref name="ackDelay"/> is already limited to what the peer may claim.
    /// </summary>
    public void AddSample(TimeSpan sample, TimeSpan ackDelay, TimeSpan now)
    {
        sample = Max(sample, TimeSpan.FromTicks(1));
        Latest = sample;
        if (!HasSample)
        {
            HasSample = true;
            FirstSampleAt = now;
            Min = sample;
            Smoothed = sample;
            Variation = sample / 2;
            return;
        }

        Min = sample < Min ? sample : Min;
        var adjusted = sample >= Min + ackDelay ? sample - ackDelay : sample;
        Variation = new TimeSpan((Variation.Ticks * 3 + (Smoothed - adjusted).Duration().Ticks) / 4);
        Smoothed = new TimeSpan((Smoothed.Ticks * 7 + adjusted.Ticks) / 8);
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;
}
