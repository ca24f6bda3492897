namespace MqttScion.Testnet;

/// <summary>What a link does to packets on the way out of one interface, without telling anyone.</summary>
/// <remarks>Any thread may change it while the router runs; it concerns packets from then on.</remarks>
public sealed class LinkFaults
{
    private volatile bool _isCut;
    private double _lossRate;
    private long _delayTicks;

    /// <summary>True drops every packet silently.</summary>
    public bool IsCut
    {
        get => _isCut;
        set => _isCut = value;
    }

    /// <summary>The share of packets lost, 0 to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public double LossRate
    {
        get => Volatile.Read(ref _lossRate);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1);
            Volatile.Write(ref _lossRate, value);
        }
    }

    /// <summary>How long each packet is kept before it is sent.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _delayTicks));
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            Volatile.Write(ref _delayTicks, value.Ticks);
        }
    }
}
