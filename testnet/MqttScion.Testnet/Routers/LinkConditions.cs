using System.Runtime.CompilerServices;

namespace MqttScion.Testnet;

/// <summary>What a link does to the packets of one direction. Immutable; each value is checked when set.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
public sealed record LinkConditions
{
    /// <summary>The longest <see cref="Delay"/> and <see cref="Jitter"/>.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(1);

    /// <summary>A link that is up and does nothing to packets.</summary>
    public static LinkConditions Perfect { get; } = new();

    /// <summary>Whether the link carries packets; default <see cref="LinkState.Up"/>.</summary>
    public LinkState State { get; init; }

    /// <summary>How long each packet is on the way; default zero, up to <see cref="MaxDelay"/>.</summary>
    public TimeSpan Delay { get; init => field = CheckDelay(value); }

    /// <summary>
    /// The most time that a packet is on the way beyond <see cref="Delay"/>, evenly spread; packets keep their order.
    /// Default zero, up to <see cref="MaxDelay"/>.
    /// </summary>
    public TimeSpan Jitter { get; init => field = CheckDelay(value); }

    /// <summary>The share of packets lost; default 0, up to 1.</summary>
    public double LossRate { get; init => field = CheckShare(value); }

    /// <summary>The share of packets that arrive twice; default 0, up to 1.</summary>
    public double DuplicateRate { get; init => field = CheckShare(value); }

    /// <summary>
    /// The share of packets that skip delay and jitter and thus overtake those before them; default 0, up to 1.
    /// </summary>
    public double ReorderRate { get; init => field = CheckShare(value); }

    /// <summary>The bandwidth in kbit/s, at least 1; null (default) for no limit.</summary>
    public int? RateKbps { get; init => field = CheckLeast(value, 1); }

    /// <summary>Bytes that wait for the bandwidth before packets are lost; default 65536, at least 1500.</summary>
    public int QueueBytes { get; init => field = CheckLeast(value, 1500) ?? 0; } = 65_536;

    /// <summary>
    /// Bytes of the largest SCION packet, 1 to 65535; a larger one is answered with SCMP. Null (default) for that of
    /// the topology.
    /// </summary>
    public int? Mtu { get; init => field = CheckMtu(value); }

    /// <summary>True when every packet goes on at once.</summary>
    internal bool IsTransparent => State == LinkState.Up && Delay == TimeSpan.Zero && Jitter == TimeSpan.Zero
        && LossRate == 0 && DuplicateRate == 0 && RateKbps is null;

    private static TimeSpan CheckDelay(TimeSpan value, [CallerMemberName] string name = "") =>
        value >= TimeSpan.Zero && value <= MaxDelay
            ? value
            : throw new ArgumentOutOfRangeException(name, $"expected 0 to {MaxDelay.TotalSeconds} s, got {value}");

    private static double CheckShare(double value, [CallerMemberName] string name = "") =>
        value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(name, FormattableString.Invariant($"expected 0 to 1, got {value}"));

    private static int? CheckLeast(int? value, int least, [CallerMemberName] string name = "") =>
        value is null || value >= least
            ? value
            : throw new ArgumentOutOfRangeException(name, $"expected at least {least}, got {value}");

    private static int? CheckMtu(int? value, [CallerMemberName] string name = "") =>
        value is null or (>= 1 and <= ushort.MaxValue)
            ? value
            : throw new ArgumentOutOfRangeException(name, $"expected 1 to {ushort.MaxValue}, got {value}");
}
