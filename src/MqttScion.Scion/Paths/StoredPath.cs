namespace MqttScion.Scion;

/// <summary>One path of a store with what is known of it.</summary>
internal sealed class StoredPath(ScionPath path)
{
    /// <summary>How long a lowered MTU is believed; RFC 8201 §4 has ten minutes.</summary>
    private static readonly TimeSpan MtuLifetime = TimeSpan.FromMinutes(10);

    private int _mtuLimit = int.MaxValue;
    private TimeSpan _mtuLimitEnd;

    /// <summary>The latest renewal.</summary>
    public ScionPath Path { get; private set; } = path;

    /// <summary>Where it can fail.</summary>
    public FaultSite[] Sites { get; } = FaultSite.Of(path);

    /// <summary>How many of its sites are held back.</summary>
    public int HeldCount { get; set; }

    /// <summary>True while it is held back.</summary>
    public bool IsHeldBack => HeldCount > 0;

    /// <summary>The latest report about one of its sites; of no meaning while it isn't held back.</summary>
    public TimeSpan Reported { get; set; }

    /// <summary>The event that told why it is held back, Down or Unanswered; null while it isn't.</summary>
    public PathEvent? Held { get; set; }

    /// <summary>Takes a renewal; an identical one changes nothing.</summary>
    public void Renew(ScionPath renewed)
    {
        var isIdentical = renewed.Expiry == Path.Expiry
            && renewed.Mtu == Path.Mtu
            && Equals(renewed.NextHop, Path.NextHop)
            && renewed.DataplanePath.Span.SequenceEqual(Path.DataplanePath.Span);
        Path = isIdentical ? Path : renewed;
    }

    /// <summary>Bytes of the largest packet that it is known to carry.</summary>
    public int UsableMtu(TimeSpan now) => now < _mtuLimitEnd ? Math.Min(Path.Mtu, _mtuLimit) : Path.Mtu;

    /// <summary>Lowers the usable MTU for a while.</summary>
    public void Narrow(int mtu, TimeSpan now) => (_mtuLimit, _mtuLimitEnd) = (mtu, now + MtuLifetime);
}
