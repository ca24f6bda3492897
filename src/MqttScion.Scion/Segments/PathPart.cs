namespace MqttScion.Scion;

/// <summary>What one edge contributes to a path, in the order of travel: an info field and its hop fields.</summary>
internal sealed class PathPart
{
    private PathPart(SegmentEdge edge, SegmentEntry[] entries, List<PathInterface> interfaces, byte[] hopFields)
    {
        Info = new InfoField(
            IsPeering: edge.Peer != 0,
            ConsDir: edge.Kind == SegmentKind.Down,
            BetaOf(edge),
            edge.Segment.Timestamp);
        Entries = entries;
        Interfaces = [.. interfaces];
        HopFields = hopFields;
    }

    /// <summary>The info field, as it leaves the source.</summary>
    public InfoField Info { get; }

    /// <summary>The entries used; there is a hop field of each.</summary>
    public SegmentEntry[] Entries { get; }

    /// <summary>The interfaces crossed.</summary>
    public PathInterface[] Interfaces { get; }

    /// <summary>The hop fields, encoded.</summary>
    public byte[] HopFields { get; }

    /// <summary>
    /// The smallest MTU of ASes and links used, in bytes; <see cref="int.MaxValue"/> when none is known.
    /// </summary>
    public int Mtu { get; private set; } = int.MaxValue;

    /// <summary>When the first of the hop fields expires.</summary>
    public DateTimeOffset Expiry { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>True when an AS announces anything beyond what forwarding needs.</summary>
    public bool HasMetadata { get; private set; }

    /// <summary>Reads the part of the edge's segment that a path uses.</summary>
    public static PathPart Of(SegmentEdge edge)
    {
        var isDown = edge.Kind == SegmentKind.Down;
        var entries = new SegmentEntry[edge.Segment.Entries.Count - edge.Shortcut];
        var hopFields = new byte[entries.Length * HopField.Length];
        var interfaces = new List<PathInterface>(2 * entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var index = isDown ? edge.Shortcut + i : edge.Segment.Entries.Count - 1 - i;
            var entry = entries[i] = edge.Segment.Entries[index];
            var peer = PeerOf(edge, index);
            var hop = peer?.Hop ?? entry.Hop;
            hop.Write(hopFields.AsSpan(i * HopField.Length));

            // At a shortcut the packet turns round inside the AS: the link towards the core is not crossed.
            var isTurn = index == edge.Shortcut && peer is null;
            var (entered, left) = (isTurn ? (ushort)0 : hop.ConsIngress, hop.ConsEgress);
            AddInterface(interfaces, entry.IsdAs, isDown ? entered : left);
            AddInterface(interfaces, entry.IsdAs, isDown ? left : entered);
        }
        var part = new PathPart(edge, entries, interfaces, hopFields);
        part.Limit(edge);
        return part;
    }

    private static void AddInterface(List<PathInterface> interfaces, IsdAs isdAs, ushort id)
    {
        if (id != 0)
        {
            interfaces.Add(new PathInterface(isdAs, id));
        }
    }

    /// <summary>The peer entry that stands for the regular one where the segment is cut; null elsewhere.</summary>
    private static SegmentPeer? PeerOf(SegmentEdge edge, int index) =>
        index == edge.Shortcut && edge.Peer != 0 ? edge.Segment.Entries[index].Peers[edge.Peer - 1] : null;

    private void Limit(SegmentEdge edge)
    {
        for (var index = edge.Shortcut; index < edge.Segment.Entries.Count; index++)
        {
            var entry = edge.Segment.Entries[index];
            var peer = PeerOf(edge, index);
            LimitMtu(entry.Mtu);
            LimitMtu(peer?.Mtu ?? (index == edge.Shortcut ? 0 : entry.IngressMtu));
            var expiry = (peer?.Hop ?? entry.Hop).Expiry(edge.Segment.Timestamp);
            Expiry = expiry < Expiry ? expiry : Expiry;
            HasMetadata |= entry.Metadata is not null;
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
