namespace MqttScion.Scion;

/// <summary>What the ASes along a path announce about it, in the order of travel. Nothing in it is verified.</summary>
/// <remarks>
/// Each list is either empty (nothing is known) or as long as its summary says, where N is the number of interfaces of
/// the path: an even number, two for each link.
/// </remarks>
public sealed record PathMetadata
{
    /// <summary>The metadata of a path about which nothing is announced.</summary>
    public static PathMetadata None { get; } = new();

    /// <summary>
    /// One-way latency from each interface to the next (link, AS, link, …): N-1 values; null where unknown.
    /// </summary>
    public IReadOnlyList<TimeSpan?> Latencies { get; init; } = [];

    /// <summary>Bandwidth in kbit/s from each interface to the next: N-1 values; 0 where unknown.</summary>
    public IReadOnlyList<ulong> BandwidthsKbps { get; init; } = [];

    /// <summary>Where the router of each interface stands: N values; null where unknown.</summary>
    public IReadOnlyList<GeoCoordinates?> Locations { get; init; } = [];

    /// <summary>What each link between ASes is made of: N/2 values.</summary>
    public IReadOnlyList<PathLinkType> LinkTypes { get; init; } = [];

    /// <summary>How many internal hops each AS in transit takes: N/2-1 values; 0 where unknown.</summary>
    public IReadOnlyList<uint> InternalHops { get; init; } = [];

    /// <summary>A remark of each AS, the source first: N/2+1 values; empty where there is none.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The sum of <see cref="Latencies"/>; null when one of them is unknown, or there are none.</summary>
    public TimeSpan? TotalLatency =>
        Latencies.Count == 0 || Latencies.Any(each => each is null)
            ? null
            : Latencies.Aggregate(TimeSpan.Zero, (sum, each) => Add(sum, each!.Value));

    /// <summary>The least of <see cref="BandwidthsKbps"/>; null when one is unknown, or there are none.</summary>
    public ulong? BottleneckKbps =>
        BandwidthsKbps.Count == 0 || BandwidthsKbps.Contains(0UL) ? null : BandwidthsKbps.Min();

    // What is announced may be absurd: the sum ends at the longest time there is.
    private static TimeSpan Add(TimeSpan a, TimeSpan b) =>
        new((long)Int128.Clamp((Int128)a.Ticks + b.Ticks, long.MinValue, long.MaxValue));
}
