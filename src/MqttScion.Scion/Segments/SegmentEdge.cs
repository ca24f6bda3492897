namespace MqttScion.Scion;

/// <summary>A piece of a segment that leads from one vertex to another.</summary>
/// <param name="Kind">How the segment is used.</param>
/// <param name="Segment">The segment.</param>
/// <param name="From">Where travel begins.</param>
/// <param name="To">Where travel ends.</param>
/// <param name="Weight">The number of links crossed.</param>
/// <param name="Shortcut">The index of the entry at which the segment is cut; 0 for all of it.</param>
/// <param name="Peer">The 1-based index of the peer entry used at the cut; 0 for none.</param>
internal sealed record SegmentEdge(
    SegmentKind Kind,
    PathSegment Segment,
    SegmentVertex From,
    SegmentVertex To,
    int Weight,
    int Shortcut,
    int Peer);
