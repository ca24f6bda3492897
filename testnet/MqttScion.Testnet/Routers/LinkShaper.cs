namespace MqttScion.Testnet;

/// <summary>
/// Decides what becomes of each packet on one direction of a link: packet length and time in, due time or loss out.
/// </summary>
/// <remarks>
/// No socket, no clock, no queue. For one loop, except <see cref="Conditions"/> and <see cref="Change"/>, which any
/// thread may use: a change concerns packets from then on.
/// </remarks>
internal sealed class LinkShaper(int seed, LinkConditions conditions)
{
    /// <summary>The most packets that are on the way at a time.</summary>
    internal const int MaxWaiting = 8192;

    // Two full packets: an idle link sends these at once, as a real one has room for some in its hardware.
    private const int BurstBytes = 3000;

    private readonly Random _random = new(seed);
    private LinkConditions _conditions = conditions;
    private TokenBucket _rate;
    private TimeSpan _lastDue;

    /// <summary>What the link does to packets now.</summary>
    internal LinkConditions Conditions => Volatile.Read(ref _conditions);

    /// <summary>The number of packets on the way.</summary>
    internal int WaitingCount { get; private set; }

    /// <summary>True when the next packet can go on at once, unasked.</summary>
    internal bool IsTransparent => WaitingCount == 0 && Conditions.IsTransparent;

    /// <summary>Replaces the conditions by what a function makes of them; the function may be called again.</summary>
    internal void Change(Func<LinkConditions, LinkConditions> change)
    {
        LinkConditions before;
        do
        {
            before = Conditions;
        }
        while (Interlocked.CompareExchange(ref _conditions, change(before), before) != before);
    }

    /// <summary>Decides about one packet.</summary>
    /// <param name="lengthBytes">The length of the packet.</param>
    /// <param name="now">The time.</param>
    /// <param name="due">When the packet arrives at the other end; not before now.</param>
    /// <param name="copies">1, or 2 for a packet that arrives twice.</param>
    /// <returns>Why the packet is lost, or <see cref="RouterDropReason.None"/>.</returns>
    internal RouterDropReason Admit(int lengthBytes, TimeSpan now, out TimeSpan due, out int copies)
    {
        (due, copies) = (now, 1);
        var conditions = Conditions;
        if (conditions.State != LinkState.Up)
            return RouterDropReason.LinkCut;
        if (Hits(conditions.LossRate))
            return RouterDropReason.LinkLoss;
        if (WaitingCount >= MaxWaiting || !TryTransmit(lengthBytes, conditions, now, out due))
            return RouterDropReason.LinkQueueFull;
        if (Hits(conditions.DuplicateRate))
            copies = 2;
        if (Hits(conditions.ReorderRate))
            return RouterDropReason.None;
        due += conditions.Delay;
        if (conditions.Jitter > TimeSpan.Zero)
            due += conditions.Jitter * _random.NextDouble();
        due = due > _lastDue ? due : _lastDue;
        _lastDue = due;
        return RouterDropReason.None;
    }

    /// <summary>Tells that a packet waits for its due time.</summary>
    internal void OnQueued() => WaitingCount++;

    /// <summary>Tells that a packet left the queue.</summary>
    internal void OnReleased() => WaitingCount--;

    private bool TryTransmit(int lengthBytes, LinkConditions conditions, TimeSpan now, out TimeSpan sentAt)
    {
        sentAt = now;
        if (conditions.RateKbps is not { } rateKbps)
            return true;
        var paidAt = _rate.PaidAt(TimeOnWire(lengthBytes, rateKbps), TimeOnWire(BurstBytes, rateKbps), now);
        if (paidAt - now > TimeOnWire(conditions.QueueBytes, rateKbps))
            return false;
        _rate.Take(paidAt);
        sentAt = paidAt > now ? paidAt : now;
        return true;
    }

    // A kbit/s is a bit per millisecond.
    private static TimeSpan TimeOnWire(int lengthBytes, int rateKbps) =>
        TimeSpan.FromTicks(lengthBytes * 8L * TimeSpan.TicksPerMillisecond / rateKbps);

    private bool Hits(double share) => share > 0 && _random.NextDouble() < share;
}
