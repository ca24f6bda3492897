using System.Text.Json;

namespace MqttScion.Scion.Tests;

/// <summary>The published 16-AS graph, and the segments that beacons on it would make.</summary>
internal sealed class TestGraph
{
    private const uint Timestamp = 1_700_000_000;

    /// <summary>When the segments are made.</summary>
    public static DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeSeconds(Timestamp);

    /// <summary>Far end of each interface; an interface number belongs to one AS only.</summary>
    private readonly Dictionary<ushort, (IsdAs IsdAs, ushort Id)> _remote = [];
    private readonly Dictionary<IsdAs, SortedSet<ushort>> _peering = [];
    private readonly Dictionary<ushort, IsdAs> _owner = [];
    private readonly Dictionary<ushort, JsonElement> _links = [];
    private readonly Dictionary<IsdAs, JsonElement> _static = [];

    public TestGraph()
    {
        var graph = VectorFile.Json("combinator/default_graph.json");
        foreach (var link in graph.GetProperty("links").EnumerateArray())
        {
            AddLink(link, link.GetProperty("link_a_to_b").GetString()!);
            _links[link.GetProperty("a_if").GetUInt16()] = link;
            _links[link.GetProperty("b_if").GetUInt16()] = link;
        }
        foreach (var each in graph.GetProperty("as_static").EnumerateArray())
        {
            _static.Add(IsdAs.Parse(each.GetProperty("isd_as").GetString()!), each);
        }
    }

    public TestGraph(JsonElement changes)
        : this()
    {
        foreach (var change in changes.EnumerateArray())
        {
            if (change.TryGetProperty("add_link", out var link))
            {
                AddLink(link, link.GetProperty("type").GetString()!);
            }
            else
            {
                _remote.Remove(change.GetProperty("delete_interface_keep_remote").GetUInt16());
            }
        }
    }

    /// <summary>Removes a link, so that neither AS announces it any more.</summary>
    public void RemoveLink(ushort id)
    {
        var other = _remote[id].Id;
        foreach (var gone in new[] { id, other })
        {
            _peering[_owner[gone]].Remove(gone);
            _remote.Remove(gone);
        }
    }

    public SegmentSet Segments(JsonElement testCase) => new(
        [.. Beacons(testCase.GetProperty("ups"))],
        [.. Beacons(testCase.GetProperty("cores"))],
        [.. Beacons(testCase.GetProperty("downs"))]);

    /// <summary>
    /// The segment that leaves its origin by the first interface, the next AS by the second, and so on.
    /// </summary>
    public PathSegment Beacon(params ushort[] egresses)
    {
        var entries = new List<SegmentEntry>();
        var (isdAs, ingress) = (_owner[egresses[0]], (ushort)0);
        foreach (var egress in egresses)
        {
            entries.Add(Entry(entries.Count, isdAs, ingress, egress));
            (isdAs, ingress) = _remote[egress];
        }
        entries.Add(Entry(entries.Count, isdAs, ingress, 0));
        return new PathSegment(Timestamp, 7, entries);
    }

    private IEnumerable<PathSegment> Beacons(JsonElement list) =>
        list.EnumerateArray().Select(b => Beacon([.. b.EnumerateArray().Select(e => e.GetUInt16())]));

    private SegmentEntry Entry(int index, IsdAs isdAs, ushort ingress, ushort egress)
    {
        var mac = (ulong)index << 40;
        var peers = _peering.GetValueOrDefault(isdAs, []).Select(local =>
        {
            var (peer, remote) = _remote.GetValueOrDefault(local);
            return new SegmentPeer(peer, remote, Hop(local, egress, mac), 1280);
        });
        var hop = Hop(ingress, egress, mac);
        return new SegmentEntry(isdAs, hop, [.. peers], Mtu: 2000, IngressMtu: 1280, Metadata(isdAs, egress));
    }

    /// <summary>
    /// What an AS announces in beacons that leave by an interface: all it knows of its interfaces, the ways from them
    /// to that interface, and latency and bandwidth of the link there and of peering links.
    /// </summary>
    private EntryMetadata Metadata(IsdAs isdAs, ushort egress)
    {
        var announced = _static[isdAs];
        var interfaces = new Dictionary<ushort, InterfaceMetadata>();
        foreach (var id in announced.GetProperty("interfaces").EnumerateArray().Select(each => each.GetUInt16()))
        {
            var each = interfaces[id] = new InterfaceMetadata();
            var geo = announced.GetProperty("geo").GetProperty($"{id}");
            each.Location = new GeoCoordinates(
                geo.GetProperty("lat").GetSingle(),
                geo.GetProperty("lon").GetSingle(),
                geo.GetProperty("address").GetString()!);
            each.LinkType = (PathLinkType)(_links[id].GetProperty("static_link_type_code").GetInt32() + 1);
            if (egress != 0 && (id == egress || _peering.GetValueOrDefault(isdAs, []).Contains(id)))
            {
                each.LinkLatency = LatencyOf(_links[id]);
                each.LinkKbps = _links[id].GetProperty("bandwidth_kbps").GetUInt64();
            }
        }
        foreach (var pair in announced.GetProperty("intra").EnumerateArray())
        {
            var (a, b) = (pair.GetProperty("a").GetUInt16(), pair.GetProperty("b").GetUInt16());
            if (a == egress || b == egress)
            {
                var other = interfaces[a == egress ? b : a];
                other.EgressLatency = LatencyOf(pair);
                other.EgressKbps = pair.GetProperty("bandwidth_kbps").GetUInt64();
                other.EgressHops = pair.GetProperty("internal_hops").GetUInt32();
            }
        }
        return new EntryMetadata(announced.GetProperty("note").GetString()!, interfaces);
    }

    private static TimeSpan LatencyOf(JsonElement element) =>
        TimeSpan.FromMicroseconds(element.GetProperty("latency_us").GetInt64());

    private static HopField Hop(ushort ingress, ushort egress, ulong mac) =>
        new(false, false, 63, ingress, egress, mac);

    private void AddLink(JsonElement link, string type)
    {
        var (a, b) = (End(link, "a"), End(link, "b"));
        _remote[a.Id] = b;
        _remote[b.Id] = a;
        foreach (var (isdAs, id) in new[] { a, b })
        {
            _owner[id] = isdAs;
            if (type == "PEER")
            {
                (_peering.TryGetValue(isdAs, out var ids) ? ids : _peering[isdAs] = []).Add(id);
            }
        }
    }

    private static (IsdAs IsdAs, ushort Id) End(JsonElement link, string end) =>
        (IsdAs.Parse(link.GetProperty(end).GetString()!), link.GetProperty(end + "_if").GetUInt16());
}
