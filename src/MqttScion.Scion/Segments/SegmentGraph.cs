namespace MqttScion.Scion;

/// <summary>Finds the chains of segments (at most up, core, down) that join two ASes.</summary>
/// <remarks>
/// Only what can lead to the destination is laid out, with the weights that each way on can have; so the search enters
/// no dead end, and its time is bounded by the number of edges and of chains taken.
/// </remarks>
internal sealed class SegmentGraph
{
    private readonly Dictionary<IsdAs, SegmentVertex> _ases = [];
    private readonly Dictionary<PeerLink, SegmentVertex> _links = [];
    private readonly SegmentVertex _destination;

    /// <summary>The source itself and where up segments lead from there.</summary>
    private readonly List<(SegmentEdge? Up, SegmentVertex At)> _starts = [];

    /// <summary>Lays out the segments that can serve between two different ASes.</summary>
    public SegmentGraph(IsdAs source, IsdAs destination, SegmentSet segments)
    {
        _destination = VertexOf(destination);
        _destination.DownWeights = 1;
        foreach (var segment in segments.Down)
        {
            if (segment.Last == destination)
            {
                AddDown(segment, withPeers: segments.Up.Count > 0);
            }
        }
        foreach (var segment in segments.Core)
        {
            // A chain does not go on from the destination, nor back through the source.
            if (segment.Last != destination && segment.First != source)
            {
                AddCore(segment);
            }
        }
        AddStart(null, VertexOf(source));
        foreach (var segment in segments.Up)
        {
            if (segment.Last == source)
            {
                AddUp(segment);
            }
        }
    }

    /// <summary>Bit n is set when there are chains of weight n.</summary>
    public ulong Weights { get; private set; }

    /// <summary>All chains of one weight, in no particular order.</summary>
    public IEnumerable<SegmentChain> Chains(int weight)
    {
        foreach (var (up, at) in _starts)
        {
            var rest = weight - (up?.Weight ?? 0);
            if (!Has(at.Weights, rest))
            {
                continue;
            }
            if (up is not null && at == _destination)
            {
                yield return new SegmentChain(up);
            }
            foreach (var down in at.Downs(rest))
            {
                yield return up is null ? new SegmentChain(down) : new SegmentChain(up, down);
            }
            if (Has(at.CoreWeights, rest))
            {
                foreach (var chain in CoreChains(up, at, rest))
                {
                    yield return chain;
                }
            }
        }
    }

    private IEnumerable<SegmentChain> CoreChains(SegmentEdge? up, SegmentVertex at, int weight)
    {
        foreach (var (core, to) in at.Cores)
        {
            var rest = weight - core.Weight;
            if (!Has(to.DownWeights, rest))
            {
                continue;
            }
            if (to == _destination)
            {
                yield return up is null ? new SegmentChain(core) : new SegmentChain(up, core);
            }
            foreach (var down in to.Downs(rest))
            {
                yield return up is null ? new SegmentChain(core, down) : new SegmentChain(up, core, down);
            }
        }
    }

    private void AddDown(PathSegment segment, bool withPeers)
    {
        for (var i = 0; i < segment.Entries.Count; i++)
        {
            var entry = segment.Entries[i];
            if (i < segment.Entries.Count - 1)
            {
                VertexOf(entry.IsdAs).AddDown(new SegmentEdge(SegmentKind.Down, segment, i, peer: 0));
            }
            for (var p = 0; withPeers && p < entry.Peers.Count; p++)
            {
                var peer = entry.Peers[p];
                var link = new PeerLink(peer.Peer, peer.PeerInterface, entry.IsdAs, peer.Hop.ConsIngress);
                VertexOf(link).AddDown(new SegmentEdge(SegmentKind.Down, segment, i, p + 1));
            }
        }
    }

    private void AddCore(PathSegment segment)
    {
        var edge = new SegmentEdge(SegmentKind.Core, segment, shortcut: 0, peer: 0);
        if (_ases.TryGetValue(segment.First, out var to) && to.DownWeights << edge.Weight is > 0 and var weights)
        {
            var from = VertexOf(segment.Last);
            from.Cores.Add((edge, to));
            from.CoreWeights |= weights;
        }
    }

    private void AddUp(PathSegment segment)
    {
        for (var i = 0; i < segment.Entries.Count; i++)
        {
            var entry = segment.Entries[i];
            if (i < segment.Entries.Count - 1 && _ases.TryGetValue(entry.IsdAs, out var crossing))
            {
                AddStart(new SegmentEdge(SegmentKind.Up, segment, i, peer: 0), crossing);
            }
            for (var p = 0; _links.Count > 0 && p < entry.Peers.Count; p++)
            {
                var peer = entry.Peers[p];
                var link = new PeerLink(entry.IsdAs, peer.Hop.ConsIngress, peer.Peer, peer.PeerInterface);
                if (_links.TryGetValue(link, out var peering))
                {
                    AddStart(new SegmentEdge(SegmentKind.Up, segment, i, p + 1), peering);
                }
            }
        }
    }

    private void AddStart(SegmentEdge? up, SegmentVertex at)
    {
        var weights = at.Weights << (up?.Weight ?? 0);
        if (weights != 0)
        {
            _starts.Add((up, at));
            Weights |= weights;
        }
    }

    private SegmentVertex VertexOf(IsdAs isdAs)
    {
        if (!_ases.TryGetValue(isdAs, out var vertex))
        {
            _ases.Add(isdAs, vertex = new SegmentVertex());
        }
        return vertex;
    }

    private SegmentVertex VertexOf(PeerLink link)
    {
        if (!_links.TryGetValue(link, out var vertex))
        {
            _links.Add(link, vertex = new SegmentVertex());
        }
        return vertex;
    }

    private static bool Has(ulong weights, int weight) => weight is >= 0 and < 64 && (weights >> weight & 1) != 0;
}
