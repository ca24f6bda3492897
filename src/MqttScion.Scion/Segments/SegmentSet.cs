namespace MqttScion.Scion;

/// <summary>The segments that a look-up returned for one pair of ASes.</summary>
/// <param name="Up">From core ASes to the source.</param>
/// <param name="Core">Between core ASes; each ends at the one nearer to the source.</param>
/// <param name="Down">From core ASes to the destination.</param>
internal sealed record SegmentSet(
    IReadOnlyList<PathSegment> Up,
    IReadOnlyList<PathSegment> Core,
    IReadOnlyList<PathSegment> Down);
