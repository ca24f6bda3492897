namespace MqttScion.Scion;

/// <summary>Edges that join the source to the destination, in the order of travel.</summary>
/// <param name="First">The edge that leaves the source.</param>
/// <param name="Second">The next one; null for none.</param>
/// <param name="Third">The last of three; null for none.</param>
internal readonly record struct SegmentChain(
    SegmentEdge First,
    SegmentEdge? Second = null,
    SegmentEdge? Third = null) : IComparable<SegmentChain>
{
    /// <summary>The number of edges.</summary>
    public int Count => Second is null ? 1 : Third is null ? 2 : 3;

    /// <summary>An edge, by its index.</summary>
    public SegmentEdge this[int index] => index == 0 ? First : index == 1 ? Second! : Third!;

    /// <summary>The order among chains of the same weight: fewer segments first, then by the edges.</summary>
    public int CompareTo(SegmentChain other)
    {
        var order = Count.CompareTo(other.Count);
        for (var i = 0; order == 0 && i < Count; i++)
        {
            order = this[i].CompareTo(other[i]);
        }
        return order;
    }
}
