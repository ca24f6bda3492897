namespace MqttScion.Scion;

/// <summary>An AS or a peering link, with the ways that lead on to the destination.</summary>
internal sealed class SegmentVertex
{
    /// <summary>The edges of down segments from here to the destination.</summary>
    public List<SegmentEdge> Downs { get; } = [];

    /// <summary>The edges of core segments from here to where the destination is, or a way down to it.</summary>
    public List<(SegmentEdge Edge, SegmentVertex To)> Cores { get; } = [];

    /// <summary>
    /// Bit n is set when a down segment of weight n leads to the destination; bit 0 at the destination itself.
    /// </summary>
    public ulong DownWeights { get; set; }

    /// <summary>The same over core segments, with or without a down segment.</summary>
    public ulong CoreWeights { get; set; }

    /// <summary>The same over any of these ways.</summary>
    public ulong Weights => DownWeights | CoreWeights;
}
