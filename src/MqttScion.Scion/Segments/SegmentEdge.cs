namespace MqttScion.Scion;

/// <summary>A way to use a segment, or a piece of it, in a path.</summary>
/// <param name="kind">How the segment is used.</param>
/// <param name="segment">The segment.</param>
/// <param name="shortcut">The index of the entry at which the segment is cut; 0 for all of it.</param>
/// <param name="peer">The 1-based index of the peer entry used at the cut; 0 for none.</param>
internal sealed class SegmentEdge(SegmentKind kind, PathSegment segment, int shortcut, int peer)
    : IComparable<SegmentEdge>
{
    private PathPart? _part;

    /// <summary>How the segment is used.</summary>
    public SegmentKind Kind { get; } = kind;

    /// <summary>The segment.</summary>
    public PathSegment Segment { get; } = segment;

    /// <summary>The index of the entry at which the segment is cut; 0 for all of it.</summary>
    public int Shortcut { get; } = shortcut;

    /// <summary>The 1-based index of the peer entry used at the cut; 0 for none.</summary>
    public int Peer { get; } = peer;

    /// <summary>The number of links crossed; a peering link counts on the way down, so that it counts once.</summary>
    public int Weight { get; } =
        segment.Entries.Count - 1 - shortcut + (kind == SegmentKind.Down && peer != 0 ? 1 : 0);

    /// <summary>What the edge contributes to a path; the same for all paths.</summary>
    public PathPart Part => _part ??= PathPart.Of(this);

    /// <summary>The order among edges at the same place of chains of the same length.</summary>
    public int CompareTo(SegmentEdge? other)
    {
        if (other is null || ReferenceEquals(this, other))
        {
            return other is null ? 1 : 0;
        }
        var order = Segment.CompareId(other.Segment);
        if (order == 0)
        {
            order = Shortcut.CompareTo(other.Shortcut);
        }
        return order != 0 ? order : Peer.CompareTo(other.Peer);
    }
}
