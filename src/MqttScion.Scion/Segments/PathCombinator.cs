namespace MqttScion.Scion;

/// <summary>
/// Combines segments to forwarding paths: up, core and down, with shortcuts and peering links. A pure function, in the
/// order and with the choices of scionproto's <c>private/path/combinator</c>.
/// </summary>
internal static class PathCombinator
{
    /// <summary>The SCION packet size that each link must carry: taken where no segment announces one.</summary>
    public const int DefaultMtu = 1280;

    /// <summary>The most hop fields in a path; scion-sdk takes no more.</summary>
    private const int MaxHops = 63;

    /// <summary>
    /// All paths between two different ASes, the shortest first; without next hops, expired ones included.
    /// </summary>
    public static IReadOnlyList<ScionPath> Combine(IsdAs source, IsdAs destination, SegmentSet segments)
    {
        if (source == destination)
        {
            return [];
        }
        var paths = new SegmentGraph(segments).Solutions(source, destination)
            .OrderBy(chain => chain.Sum(edge => edge.Weight))
            .ThenBy(chain => chain.Length)
            .ThenBy(chain => chain, Comparer<SegmentEdge[]>.Create(Compare))
            .Select(Build)
            .OfType<ScionPath>()
            .ToList();
        return RemoveDuplicates(paths);
    }

    /// <summary>Of paths over the same interfaces, keeps the one that expires last (the first of equals).</summary>
    internal static IReadOnlyList<ScionPath> RemoveDuplicates(IReadOnlyList<ScionPath> paths)
    {
        var best = new Dictionary<ScionPath, ScionPath>();
        foreach (var path in paths)
        {
            if (!best.TryGetValue(path, out var kept) || path.Expiry > kept.Expiry)
            {
                best[path] = path;
            }
        }
        return [.. paths.Where(path => ReferenceEquals(best[path], path))];
    }

    /// <summary>The order among chains of the same weight and length.</summary>
    private static int Compare(SegmentEdge[] a, SegmentEdge[] b)
    {
        var order = 0;
        for (var i = 0; order == 0 && i < a.Length; i++)
        {
            order = Compare(a[i], b[i]);
        }
        return order;
    }

    private static int Compare(SegmentEdge a, SegmentEdge b)
    {
        var order = a.Segment.Id.SequenceCompareTo(b.Segment.Id);
        if (order == 0)
        {
            order = a.Shortcut.CompareTo(b.Shortcut);
        }
        return order != 0 ? order : a.Peer.CompareTo(b.Peer);
    }

    private static ScionPath? Build(SegmentEdge[] chain)
    {
        var parts = Array.ConvertAll(chain, PathPart.Of);
        var interfaces = parts.SelectMany(part => part.Interfaces).ToArray();
        if (parts.Sum(part => part.Hops.Count) > MaxHops
            || interfaces.Length == 0
            || interfaces.Length % 2 != 0
            || HasLoop(interfaces))
        {
            return null;
        }
        var mtu = parts.Min(part => part.Mtu);
        return new ScionPath(
            PathHeader.Encode(
                Array.ConvertAll(parts, part => part.Hops.Count),
                Array.ConvertAll(parts, part => part.Info),
                [.. parts.SelectMany(part => part.Hops)]),
            interfaces,
            mtu == int.MaxValue ? DefaultMtu : mtu,
            parts.Min(part => part.Expiry),
            nextHop: null);
    }

    /// <summary>True when a path visits an AS twice: then more than two interfaces belong to it.</summary>
    private static bool HasLoop(PathInterface[] interfaces) =>
        interfaces.CountBy(i => i.IsdAs).Any(group => group.Value > 2);
}
