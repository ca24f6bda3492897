namespace MqttScion.Scion;

/// <summary>An AS or a peering link, with the ways that lead on to the destination.</summary>
internal sealed class SegmentVertex
{
    private readonly List<SegmentEdge> _downs = [];
    private bool _isSorted;

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

    /// <summary>Adds the edge of a down segment from here to the destination.</summary>
    public void AddDown(SegmentEdge edge)
    {
        _downs.Add(edge);
        DownWeights |= 1UL << edge.Weight;
        _isSorted = false;
    }

    /// <summary>
    /// The edges of down segments of one weight. No others are looked at, so that a path server can't hide one way
    /// behind half a million of another weight.
    /// </summary>
    public IEnumerable<SegmentEdge> Downs(int weight)
    {
        if (!_isSorted)
        {
            _downs.Sort(static (one, other) => one.Weight.CompareTo(other.Weight));
            _isSorted = true;
        }
        var (first, end) = (0, _downs.Count);
        while (first < end)
        {
            var middle = (first + end) / 2;
            (first, end) = _downs[middle].Weight < weight ? (middle + 1, end) : (first, middle);
        }
        for (; first < _downs.Count && _downs[first].Weight == weight; first++)
        {
            yield return _downs[first];
        }
    }
}
