namespace MqttScion.Scion;

/// <summary>What one edge contributes to a path, in the order of travel: an info field and its hop fields.</summary>
internal sealed class PathPart
{
    private PathPart(SegmentEdge edge)
    {
        Info = new InfoField(
            IsPeering: edge.Peer != 0,
            ConsDir: edge.Kind == SegmentKind.Down,
            BetaOf(edge),
            edge.Segment.Timestamp);
    }

    /// <summary>The info field, as it leaves the source.</summary>
    public InfoField Info { get; }

    /// <summary>The hop fields.</summary>
    public List<HopField> Hops { get; } = [];

    /// <summary>The interfaces crossed.</summary>
    public List<PathInterface> Interfaces { get; } = [];

    /// <summary>
    /// The smallest MTU of ASes and links used, in bytes; <see cref="int.MaxValue"/> when none is known.
    /// </summary>
    public int Mtu { get; private set; } = int.MaxValue;

    /// <summary>When the first of the hop fields expires.</summary>
    public DateTimeOffset Expiry { get; private set; }

    /// <summary>Reads the part of the edge's segment that a path uses.</summary>
    public static PathPart Of(SegmentEdge edge)
    {
        var part = new PathPart(edge);
        var entries = edge.Segment.Entries;

        // Against the direction of construction, whichever way the segment is used; turned round below.
        for (var i = entries.Count - 1; i >= edge.Shortcut; i--)
        {
            part.AddEntry(entries[i], edge, isCut: i == edge.Shortcut);
        }
        if (part.Info.ConsDir)
        {
            part.Hops.Reverse();
            part.Interfaces.Reverse();
        }
        part.Expiry = part.Hops.Min(hop => hop.Expiry(edge.Segment.Timestamp));
        return part;
    }

    private void AddEntry(SegmentEntry entry, SegmentEdge edge, bool isCut)
    {
        var isPeer = isCut && edge.Peer != 0;
        var isShortcut = isCut && edge.Shortcut != 0 && !isPeer;
        var peer = isPeer ? entry.Peers[edge.Peer - 1] : null;
        var hop = peer?.Hop ?? entry.Hop;

        Hops.Add(hop);
        LimitMtu(entry.Mtu);
        if (hop.ConsEgress != 0)
        {
            Interfaces.Add(new PathInterface(entry.IsdAs, hop.ConsEgress));
        }

        // At a shortcut the packet turns round inside the AS: the link towards the core is not crossed.
        if (!isShortcut)
        {
            LimitMtu(peer?.Mtu ?? entry.IngressMtu);
            if (hop.ConsIngress != 0)
            {
                Interfaces.Add(new PathInterface(entry.IsdAs, hop.ConsIngress));
            }
        }
    }

    private void LimitMtu(int mtu) => Mtu = mtu == 0 ? Mtu : Math.Min(Mtu, mtu);

    /// <summary>The chain's value at the hop field where travel begins; one further where that is a peer's.</summary>
    private static ushort BetaOf(SegmentEdge edge)
    {
        var start = edge.Kind == SegmentKind.Down ? edge.Shortcut : edge.Segment.Entries.Count - 1;
        var startsAtPeer = edge.Peer != 0 && start == edge.Shortcut;
        return edge.Segment.BetaBefore(startsAtPeer ? start + 1 : start);
    }
}
