namespace MqttScion.Scion;

/// <summary>Finds the chains of segments (at most up, core, down) that join two ASes.</summary>
internal sealed class SegmentGraph
{
    /// <summary>The search stops after so many chains; honest networks stay far below.</summary>
    public const int MaxSolutions = 20_000;

    private const int MaxSteps = 1_000_000;

    private readonly Dictionary<SegmentVertex, List<SegmentEdge>> _edges = [];
    private int _steps;

    /// <summary>Lays out the segments as edges.</summary>
    public SegmentGraph(SegmentSet segments)
    {
        foreach (var segment in segments.Up)
        {
            AddUp(segment);
        }
        foreach (var segment in segments.Core)
        {
            Add(new SegmentEdge(
                SegmentKind.Core,
                segment,
                From: SegmentVertex.Of(segment.Last),
                To: SegmentVertex.Of(segment.First),
                Weight: segment.Entries.Count - 1,
                Shortcut: 0,
                Peer: 0));
        }
        foreach (var segment in segments.Down)
        {
            AddDown(segment);
        }
    }

    /// <summary>
    /// All chains from one AS to another, in no particular order, at most <see cref="MaxSolutions"/>.
    /// </summary>
    public List<SegmentEdge[]> Solutions(IsdAs source, IsdAs destination)
    {
        var solutions = new List<SegmentEdge[]>();
        Extend([], SegmentVertex.Of(source), SegmentVertex.Of(destination), solutions);
        return solutions;
    }

    private void Extend(
        SegmentEdge[] chain,
        SegmentVertex at,
        SegmentVertex destination,
        List<SegmentEdge[]> solutions)
    {
        if (!_edges.TryGetValue(at, out var edges))
        {
            return;
        }
        foreach (var edge in edges)
        {
            if (solutions.Count >= MaxSolutions || ++_steps > MaxSteps)
            {
                return;
            }
            if (chain.Length > 0 && edge.Kind <= chain[^1].Kind)
            {
                continue;
            }
            if (edge.To == destination)
            {
                solutions.Add([.. chain, edge]);
            }
            else if (edge.Kind < SegmentKind.Down)
            {
                Extend([.. chain, edge], edge.To, destination, solutions);
            }
        }
    }

    private void AddUp(PathSegment segment)
    {
        var pinned = SegmentVertex.Of(segment.Last);
        var last = segment.Entries.Count - 1;
        for (var i = 0; i <= last; i++)
        {
            var entry = segment.Entries[i];
            if (i < last)
            {
                Add(new(SegmentKind.Up, segment, pinned, SegmentVertex.Of(entry.IsdAs), last - i, i, Peer: 0));
            }
            for (var p = 0; p < entry.Peers.Count; p++)
            {
                var peer = entry.Peers[p];
                var link = new PeerLink(entry.IsdAs, peer.Hop.ConsIngress, peer.Peer, peer.PeerInterface);
                Add(new(SegmentKind.Up, segment, pinned, SegmentVertex.Of(link), last - i, i, Peer: p + 1));
            }
        }
    }

    private void AddDown(PathSegment segment)
    {
        var pinned = SegmentVertex.Of(segment.Last);
        var last = segment.Entries.Count - 1;
        for (var i = 0; i <= last; i++)
        {
            var entry = segment.Entries[i];
            if (i < last)
            {
                Add(new(SegmentKind.Down, segment, SegmentVertex.Of(entry.IsdAs), pinned, last - i, i, Peer: 0));
            }
            for (var p = 0; p < entry.Peers.Count; p++)
            {
                // The peering link itself is counted here, so that it counts once in a path.
                var peer = entry.Peers[p];
                var link = new PeerLink(peer.Peer, peer.PeerInterface, entry.IsdAs, peer.Hop.ConsIngress);
                Add(new(SegmentKind.Down, segment, SegmentVertex.Of(link), pinned, last - i + 1, i, Peer: p + 1));
            }
        }
    }

    private void Add(SegmentEdge edge)
    {
        if (!_edges.TryGetValue(edge.From, out var edges))
        {
            _edges.Add(edge.From, edges = []);
        }
        edges.Add(edge);
    }
}
