using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MqttScion.Scion.Tests;

/// <summary>A small network with a given seed, and the segments that its beacons leave.</summary>
internal sealed class RandomTopology
{
    public const uint Timestamp = 1_700_000_000;
    public const byte ExpTime = 63;

    private readonly Random _random;
    private readonly List<IsdAs> _cores = [];
    private readonly List<IsdAs> _others = [];
    private readonly List<RandomLink> _links = [];

    public RandomTopology(int seed)
    {
        _random = new Random(seed);
        for (ushort isd = 1; isd <= 2; isd++)
        {
            Fill(isd, coreCount: _random.Next(1, 3), otherCount: _random.Next(2, 5));
        }
        for (var i = 1; i < _cores.Count; i++)
        {
            Connect(RandomLinkType.Core, _cores[_random.Next(i)], _cores[i]);
        }
        Repeat(2, () => Connect(RandomLinkType.Core, Any(_cores), Any(_cores)));
        Repeat(5, () => Connect(RandomLinkType.Peer, Any(Ases), Any(Ases)));
    }

    public IReadOnlyList<IsdAs> Ases => [.. _cores, .. _others];

    public bool IsCore(IsdAs isdAs) => _cores.Contains(isdAs);

    /// <summary>The links of an AS, seen from there.</summary>
    public IEnumerable<RandomLink> LinksOf(IsdAs isdAs) =>
        _links.Where(link => link.Near.IsdAs == isdAs)
            .Concat(_links.Where(link => link.Far.IsdAs == isdAs).Select(link => link.Turned()));

    /// <summary>The far end of the link at an interface; null when there is none.</summary>
    public PathInterface? FarEnd(PathInterface near) =>
        LinksOf(near.IsdAs).FirstOrDefault(link => link.Near == near)?.Far;

    public SegmentSet Segments(IsdAs source, IsdAs destination)
    {
        var (ups, downs) = (WaysUp(source), WaysUp(destination));
        var cores =
            from near in ups.Select(way => way.End).Where(IsCore).Distinct()
            from far in downs.Select(way => way.End).Where(IsCore).Distinct()
            where near != far
            from way in CoreWays(near, far)
            select Segment(way);
        return new SegmentSet(SegmentsOf(ups), [.. cores], SegmentsOf(downs));

        PathSegment[] SegmentsOf(IEnumerable<RandomWay> ways) =>
            [.. ways.Where(way => way.Links.Count > 0 && IsCore(way.End)).Select(Segment)];
    }

    /// <summary>The ways from an AS to itself and, over its parents, to all above it.</summary>
    public List<RandomWay> WaysUp(IsdAs from) => Ways(from, RandomLinkType.ToParent);

    public IEnumerable<RandomWay> CoreWays(IsdAs from, IsdAs to) =>
        Ways(from, RandomLinkType.Core).Where(way => way.End == to);

    /// <summary>Every value that a hop of one AS announces: told by the numbers of its two interfaces.</summary>
    public static uint Announced(PathInterface a, PathInterface b) =>
        (uint)((a.Id * 31 + (uint)a.IsdAs.As) * (b.Id * 31 + (uint)b.IsdAs.As) % 1000 + 1);

    public static ulong Mac(IsdAs isdAs, ushort beta, uint timestamp, HopField hop)
    {
        var input = new byte[11];
        BinaryPrimitives.WriteUInt16BigEndian(input, beta);
        BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(2), timestamp);
        input[6] = hop.ExpTime;
        BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(7), hop.ConsIngress);
        BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(9), hop.ConsEgress);
        var key = BitConverter.GetBytes(isdAs.Value);
        return BinaryPrimitives.ReadUInt64BigEndian(HMACSHA256.HashData(key, input)) >> 16;
    }

    private void Fill(ushort isd, int coreCount, int otherCount)
    {
        var above = new List<IsdAs>();
        for (var i = 0; i < coreCount + otherCount; i++)
        {
            var isdAs = new IsdAs(isd, (ulong)(isd * 100 + i));
            if (i < coreCount)
            {
                _cores.Add(isdAs);
            }
            else
            {
                _others.Add(isdAs);
                Repeat(_random.Next(1, 3), () => Connect(RandomLinkType.ToParent, isdAs, Any(above)));
            }
            above.Add(isdAs);
        }
    }

    private void Connect(RandomLinkType type, IsdAs near, IsdAs far)
    {
        if (near != far)
        {
            _links.Add(new RandomLink(type, NewInterface(near), NewInterface(far)));
        }
    }

    private PathInterface NewInterface(IsdAs isdAs) => new(isdAs, (ushort)(LinksOf(isdAs).Count() * 3 + 1));

    private List<RandomWay> Ways(IsdAs from, RandomLinkType type)
    {
        var ways = new List<RandomWay> { new(from, []) };
        for (var i = 0; i < ways.Count; i++)
        {
            var way = ways[i];
            ways.AddRange(LinksOf(way.End)
                .Where(link => link.Type == type && !way.Ases.Contains(link.Far.IsdAs))
                .Select(link => way with { Links = [.. way.Links, link] }));
        }
        return ways;
    }

    /// <summary>A beacon comes down the way: from its end to its start.</summary>
    private PathSegment Segment(RandomWay way)
    {
        var segmentId = (ushort)_random.Next();
        var (beta, entries) = (segmentId, new List<SegmentEntry>());
        for (var i = way.Links.Count; i >= 0; i--)
        {
            var isdAs = way.Ases[i];
            var ingress = i == way.Links.Count ? (ushort)0 : way.Links[i].Near.Id;
            var egress = i == 0 ? (ushort)0 : way.Links[i - 1].Far.Id;
            var hop = Hop(isdAs, beta, ingress, egress);
            beta ^= hop.SegIdUpdate;
            var peers = LinksOf(isdAs).Where(link => link.Type == RandomLinkType.Peer).Select(link =>
                new SegmentPeer(link.Far.IsdAs, link.Far.Id, Hop(isdAs, beta, link.Near.Id, egress), 1400));
            entries.Add(new SegmentEntry(isdAs, hop, [.. peers], 1400, 1400, Announcement(isdAs, egress)));
        }
        return new PathSegment(Timestamp, segmentId, entries);
    }

    private static HopField Hop(IsdAs isdAs, ushort beta, ushort ingress, ushort egress)
    {
        var hop = new HopField(false, false, ExpTime, ingress, egress, Mac: 0);
        return hop with { Mac = Mac(isdAs, beta, Timestamp, hop) };
    }

    private EntryMetadata Announcement(IsdAs isdAs, ushort egress)
    {
        var announced = new EntryMetadata($"Note of {isdAs}", []);
        foreach (var link in LinksOf(isdAs))
        {
            var each = announced.Interfaces[link.Near.Id] = new InterfaceMetadata { LinkType = PathLinkType.Direct };
            if (egress != 0 && link.Near.Id != egress)
            {
                each.EgressLatency = TimeSpan.FromMicroseconds(Announced(link.Near, new(isdAs, egress)));
            }
            if (link.Near.Id == egress || link.Type == RandomLinkType.Peer)
            {
                each.LinkLatency = TimeSpan.FromMicroseconds(Announced(link.Near, link.Far));
            }
        }
        return announced;
    }

    private IsdAs Any(IReadOnlyList<IsdAs> ases) => ases[_random.Next(ases.Count)];

    private static void Repeat(int count, Action action)
    {
        for (var i = 0; i < count; i++)
        {
            action();
        }
    }
}

internal enum RandomLinkType
{
    Core,
    Peer,
    ToParent,
    ToChild,
}

internal sealed record RandomLink(RandomLinkType Type, PathInterface Near, PathInterface Far)
{
    public RandomLink Turned() => new(
        Type switch
        {
            RandomLinkType.ToParent => RandomLinkType.ToChild,
            RandomLinkType.ToChild => RandomLinkType.ToParent,
            _ => Type,
        },
        Far,
        Near);
}

/// <summary>Links one after the other, without a loop.</summary>
internal sealed record RandomWay(IsdAs Start, IReadOnlyList<RandomLink> Links)
{
    public IsdAs End => Ases[^1];

    public IReadOnlyList<IsdAs> Ases => [Start, .. Links.Select(link => link.Far.IsdAs)];

    public IEnumerable<PathInterface> Interfaces => Links.SelectMany(link => new[] { link.Near, link.Far });

    public RandomWay Then(IEnumerable<RandomLink> links) => this with { Links = [.. Links, .. links] };

    public RandomWay Turned() => new(End, [.. Links.Reverse().Select(link => link.Turned())]);
}
