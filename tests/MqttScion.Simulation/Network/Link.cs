namespace MqttScion.Simulation;

/// <summary>One direction of a path at work.</summary>
internal sealed class Link(LinkPlan plan, SimRandom random)
{
    private static readonly TimeSpan LongestBurst = TimeSpan.FromMilliseconds(300);

    private TimeSpan _busyUntil;
    private TimeSpan _burstStartedAt;
    private bool _isInBurst;

    /// <summary>
    /// What becomes of a datagram: how many copies arrive (0, 1 or 2), when, and with which mark.
    /// </summary>
    public int Send(int length, ref EcnCodepoint ecn, TimeSpan elapsed, Span<TimeSpan> arrivals)
    {
        var isMarked = ecn != EcnCodepoint.NotEct;
        if (IsDark(elapsed) || IsLost(elapsed) || (plan.DropsMarked && isMarked) || length > MaxBytes(elapsed))
            return 0;
        if (plan.IsBleaching)
            ecn = EcnCodepoint.NotEct;
        var queueing = TimeSpan.Zero;
        if (plan.BytesPerSecond > 0)
        {
            var start = _busyUntil > elapsed ? _busyUntil : elapsed;
            var waiting = (start - elapsed).TotalSeconds * plan.BytesPerSecond;
            if (waiting + length > plan.QueueBytes)
                return 0;
            if (plan.MarkAboveBytes > 0 && waiting > plan.MarkAboveBytes && ecn != EcnCodepoint.NotEct)
                ecn = EcnCodepoint.Ce;
            _busyUntil = start + TimeSpan.FromMicroseconds(1e6 * length / plan.BytesPerSecond);
            queueing = _busyUntil - elapsed;
        }

        var copies = random.Happens(plan.Duplication) ? 2 : 1;
        for (var copy = 0; copy < copies; copy++)
        {
            var held = random.Happens(plan.Reorder) ? 4 * random.Fraction() : 0;
            arrivals[copy] = elapsed + queueing + plan.Delay * (1 + held) + random.Time(plan.Jitter);
        }

        return copies;
    }

    /// <summary>Flips some bits of a copy, perhaps.</summary>
    public void Corrupt(Span<byte> copy)
    {
        // Nothing in a version negotiation is authentic: damage that UDP's checksum does not see may end a client.
        var isVersionNegotiation =
            copy.Length > 4 && copy[0] > sbyte.MaxValue && !copy[1..5].ContainsAnyExcept((byte)0);
        if (!random.Happens(plan.Corruption) || isVersionNegotiation)
            return;
        for (var count = random.Between(1, 3); count > 0; count--)
            copy[random.Below(copy.Length)] ^= (byte)(1 << random.Below(8));
    }

    private bool IsDark(TimeSpan elapsed)
    {
        foreach (var (from, to) in plan.Blackouts)
        {
            if (elapsed >= from && elapsed < to)
                return true;
        }

        return false;
    }

    private bool IsLost(TimeSpan elapsed)
    {
        var wasInBurst = _isInBurst && elapsed - _burstStartedAt < LongestBurst;
        _isInBurst = random.Happens(wasInBurst ? plan.BurstGoesOn : plan.BurstStart);
        if (_isInBurst && !wasInBurst)
            _burstStartedAt = elapsed;
        return _isInBurst || random.Happens(plan.Loss);
    }

    private int MaxBytes(TimeSpan elapsed) =>
        plan.Narrowing is { } narrowing && elapsed >= narrowing.From ? narrowing.MaxBytes : plan.MaxBytes;
}
