using Google.Protobuf;
using MqttScion.Scion;
using Protobuf = MqttScion.Scion.Protobuf;

namespace MqttScion.Testnet;

/// <summary>Makes the path segments that beacons on a topology would leave, with authentic hop fields.</summary>
/// <remarks>
/// Every request gives fresh segments. Nothing is signed: the end hosts of the test network do not verify. Safe to call
/// from several threads.
/// </remarks>
public sealed partial class SegmentFactory
{
    private const int MaxCoreAses = 6;
    private const int MaxLeafAses = 8;
    private const int MaxSegmentsPerPair = 32;
    private const int MaxWalks = 50_000;

    private readonly Topology _topology;
    private readonly ForwardingKeys _keys;
    private readonly TimeSpan _backdating;
    private readonly byte _expTime;
    private readonly TimeProvider _time;

    /// <summary>Makes a factory; it starts nothing.</summary>
    /// <exception cref="ArgumentException">The lifetime is out of its range.</exception>
    public SegmentFactory(
        Topology topology,
        ForwardingKeys keys,
        SegmentFactoryOptions? options = null,
        TimeProvider? time = null)
    {
        _topology = topology;
        _keys = keys;
        options ??= new SegmentFactoryOptions();
        _backdating = options.Backdating;
        if (!HopLifetime.TryToExpTime(options.Lifetime, out _expTime))
        {
            throw new ArgumentException($"A lifetime is 337.5 s to 1 day; it is {options.Lifetime}.", nameof(options));
        }
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The segments that lead from one AS to another, as the endhost API answers.</summary>
    internal Protobuf.ListSegmentsResponse Segments(IsdAs source, IsdAs destination)
    {
        var answer = new Protobuf.ListSegmentsResponse();
        if (source == destination || !_topology.Contains(source) || !_topology.Contains(destination))
        {
            return answer;
        }
        var ups = _topology.As(source).IsCore ? [] : WalksTo(source);
        var downs = _topology.As(destination).IsCore ? [] : WalksTo(destination);
        var nearCores = _topology.As(source).IsCore ? [source] : ups.Select(walk => walk.Origin).Distinct();
        var farCores = _topology.As(destination).IsCore ? [destination] : downs.Select(walk => walk.Origin).Distinct();

        // A core segment ends at the core AS near the source, so it is constructed from the far one.
        var cores = farCores
            .SelectMany(far => nearCores.Where(near => near != far).SelectMany(near => WalksBetweenCores(far, near)));
        answer.UpSegments.AddRange(ups.Select(Make));
        answer.CoreSegments.AddRange(cores.Select(Make));
        answer.DownSegments.AddRange(downs.Select(Make));
        return answer;
    }

    /// <summary>All ways down from core ASes of the same ISD to an AS, the shortest first.</summary>
    private List<SegmentWalk> WalksTo(IsdAs leaf) =>
    [
        .. _topology.Ases
            .Where(each => each.IsCore && each.IsdAs.Isd == leaf.Isd)
            .SelectMany(core => Walks(core.IsdAs, leaf, MaxLeafAses, link => link.IsToChild)),
    ];

    private List<SegmentWalk> WalksBetweenCores(IsdAs from, IsdAs to) =>
        Walks(from, to, MaxCoreAses, link => link.Link.Type == TopologyLinkType.Core);

    /// <summary>Breadth first, so that the bound on the number keeps the shortest.</summary>
    private List<SegmentWalk> Walks(IsdAs from, IsdAs to, int maxAses, Func<LocalLink, bool> follows)
    {
        var found = new List<SegmentWalk>();
        var queue = new Queue<SegmentWalk>([new SegmentWalk(from, [])]);
        for (var i = 0; i < MaxWalks && found.Count < MaxSegmentsPerPair && queue.TryDequeue(out var walk); i++)
        {
            if (walk.End == to)
            {
                found.Add(walk);
                continue;
            }
            if (walk.Links.Count + 1 >= maxAses)
            {
                continue;
            }
            foreach (var link in _topology.LinksOf(walk.End).Where(follows))
            {
                if (!walk.Visits(link.Remote.IsdAs))
                {
                    queue.Enqueue(new SegmentWalk(from, [.. walk.Links, link]));
                }
            }
        }
        return found;
    }

    private Protobuf.PathSegment Make(SegmentWalk walk)
    {
        var timestamp = (uint)(_time.GetUtcNow() - _backdating).ToUnixTimeSeconds();
        var segmentId = (ushort)HashCode.Combine(timestamp, walk.Origin, walk.End, walk.Links.Count);
        var info = new Protobuf.SegmentInformation { Timestamp = timestamp, SegmentId = segmentId };
        var segment = new Protobuf.PathSegment { SegmentInfo = info.ToByteString() };

        var beta = segmentId;
        for (var i = 0; i <= walk.Links.Count; i++)
        {
            var ingress = i == 0 ? null : walk.Links[i - 1];
            var egress = i == walk.Links.Count ? null : walk.Links[i];
            var isdAs = i == 0 ? walk.Origin : ingress!.Remote.IsdAs;
            var body = MakeEntry(isdAs, ingress, egress, timestamp, ref beta);
            segment.AsEntries.Add(new Protobuf.ASEntry
            {
                Signed = new Protobuf.SignedMessage
                {
                    HeaderAndBody = new Protobuf.HeaderAndBody { Body = body.ToByteString() }.ToByteString(),
                },
            });
        }
        return segment;
    }

    private Protobuf.ASEntrySignedBody MakeEntry(
        IsdAs isdAs,
        LocalLink? ingress,
        LocalLink? egress,
        uint timestamp,
        ref ushort beta)
    {
        using var mac = new HopMac(_keys.KeyOf(isdAs));
        var egressId = egress?.Local.Id ?? 0;
        var hop = MakeHop(mac, beta, timestamp, ingress?.Remote.Id ?? 0, egressId);
        var body = new Protobuf.ASEntrySignedBody
        {
            IsdAs = isdAs.Value,
            NextIsdAs = egress?.Remote.IsdAs.Value ?? 0,
            Mtu = (uint)_topology.As(isdAs).Mtu,
            HopEntry = new Protobuf.HopEntry
            {
                HopField = hop,
                IngressMtu = (uint)(ingress?.Link.Mtu ?? 0),
            },
            Extensions = StaticInfoOf(isdAs, egressId) is { } info
                ? new Protobuf.PathSegmentExtensions { StaticInfo = info }
                : null,
        };

        // The chain moves on by the regular hop; the hops of peers already use the next value.
        beta ^= (ushort)(hop.Mac[0] << 8 | hop.Mac[1]);
        foreach (var link in _topology.LinksOf(isdAs).Where(link => link.Link.Type == TopologyLinkType.Peer))
        {
            body.PeerEntries.Add(new Protobuf.PeerEntry
            {
                PeerIsdAs = link.Remote.IsdAs.Value,
                PeerInterface = link.Remote.Id,
                PeerMtu = (uint)link.Link.Mtu,
                HopField = MakeHop(mac, beta, timestamp, link.Local.Id, egressId),
            });
        }
        return body;
    }

    private Protobuf.HopField MakeHop(HopMac mac, ushort beta, uint timestamp, ushort ingress, ushort egress)
    {
        var bytes = new byte[HopMac.Length];
        mac.Compute(beta, timestamp, _expTime, ingress, egress, bytes);
        return new Protobuf.HopField
        {
            Ingress = ingress,
            Egress = egress,
            ExpTime = _expTime,
            Mac = ByteString.CopyFrom(bytes),
        };
    }

    /// <summary>A way through the topology in construction direction.</summary>
    private sealed record SegmentWalk(IsdAs Origin, IReadOnlyList<LocalLink> Links)
    {
        public IsdAs End => Links.Count == 0 ? Origin : Links[^1].Remote.IsdAs;

        public bool Visits(IsdAs isdAs) => isdAs == Origin || Links.Any(link => link.Remote.IsdAs == isdAs);
    }
}
