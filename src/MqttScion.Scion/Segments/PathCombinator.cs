using System.Buffers.Binary;

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

    private const int MetaLength = 4;
    private const int InfoLength = 8;
    private const int HopLength = 12;

    /// <summary>All paths between two different ASes, the shortest first; without next hops, expired ones included.</summary>
    public static IReadOnlyList<ScionPath> Combine(IsdAs source, IsdAs destination, SegmentSet segments)
    {
        if (source == destination)
        {
            return [];
        }
        var paths = new SegmentGraph(segments).Solutions(source, destination)
            .OrderBy(chain => chain, Comparer<SegmentEdge[]>.Create(Compare))
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

    private static int Compare(SegmentEdge[] a, SegmentEdge[] b)
    {
        var order = a.Sum(edge => edge.Weight).CompareTo(b.Sum(edge => edge.Weight));
        if (order == 0)
        {
            order = a.Length.CompareTo(b.Length);
        }
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
        var hopCount = parts.Sum(part => part.Hops.Count);
        if (hopCount > MaxHops || interfaces.Length == 0 || interfaces.Length % 2 != 0 || HasLoop(interfaces))
        {
            return null;
        }
        var mtu = parts.Min(part => part.Mtu);
        return new ScionPath(
            Encode(parts, hopCount),
            interfaces,
            mtu == int.MaxValue ? DefaultMtu : mtu,
            parts.Min(part => part.Expiry),
            nextHop: null);
    }

    /// <summary>True when a path visits an AS twice: then more than two interfaces belong to it.</summary>
    private static bool HasLoop(PathInterface[] interfaces) =>
        interfaces.CountBy(i => i.IsdAs).Any(group => group.Value > 2);

    /// <summary>Writes the standard path header (path type 1) as it leaves the source.</summary>
    private static byte[] Encode(PathPart[] parts, int hopCount)
    {
        var path = new byte[MetaLength + InfoLength * parts.Length + HopLength * hopCount];
        var lengths = 0u;
        var info = path.AsSpan(MetaLength);
        var hop = path.AsSpan(MetaLength + InfoLength * parts.Length);
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            lengths |= (uint)part.Hops.Count << (12 - 6 * i);
            info[0] = (byte)((part.IsConsDir ? 1 : 0) | (part.IsPeering ? 2 : 0));
            BinaryPrimitives.WriteUInt16BigEndian(info[2..], part.Beta);
            BinaryPrimitives.WriteUInt32BigEndian(info[4..], part.Timestamp);
            info = info[InfoLength..];
            foreach (var field in part.Hops)
            {
                hop[1] = field.ExpTime;
                BinaryPrimitives.WriteUInt16BigEndian(hop[2..], field.ConsIngress);
                BinaryPrimitives.WriteUInt16BigEndian(hop[4..], field.ConsEgress);
                BinaryPrimitives.WriteUInt16BigEndian(hop[6..], (ushort)(field.Mac >> 32));
                BinaryPrimitives.WriteUInt32BigEndian(hop[8..], (uint)field.Mac);
                hop = hop[HopLength..];
            }
        }
        BinaryPrimitives.WriteUInt32BigEndian(path, lengths);
        return path;
    }
}
