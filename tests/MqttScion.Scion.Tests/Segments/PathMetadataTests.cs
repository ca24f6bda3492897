using System.Text.Json;

namespace MqttScion.Scion.Tests;

public sealed class PathMetadataTests
{
    private static readonly IsdAs Core = IsdAs.Parse("1-ff00:0:110");
    private static readonly IsdAs Middle = IsdAs.Parse("1-ff00:0:111");
    private static readonly IsdAs Left = IsdAs.Parse("1-ff00:0:112");
    private static readonly IsdAs Right = IsdAs.Parse("1-ff00:0:113");

    [VectorFact]
    public void Combine_static_info_cases_give_the_published_metadata()
    {
        var cases = VectorFile.Json("combinator/staticinfo.json").GetProperty("cases");
        cases.GetArrayLength().Should().Be(5);
        foreach (var testCase in cases.EnumerateArray())
        {
            var name = testCase.GetProperty("name").GetString();
            var interfaces = List(testCase, "interfaces", each => each.GetString()!);
            var graph = new TestGraph();
            var beacons = List(testCase, "beacons", each => each);
            var (source, destination) = (AsOf(interfaces[0]), AsOf(interfaces[^1]));
            var segments = new SegmentSet(Beacons(beacons[0]), Beacons(beacons[1]), Beacons(beacons[2]));

            var path = PathCombinator.Combine(source, destination, segments)
                .Single(each => each.Interfaces.Select(i => i.ToString()).SequenceEqual(interfaces));

            var latencies = List(testCase, "latency_us", each => each.GetInt64());
            path.Metadata.Latencies.Should()
                .Equal(latencies.Select(us => (TimeSpan?)TimeSpan.FromMicroseconds(us)), name);
            path.Metadata.TotalLatency.Should().Be(TimeSpan.FromMicroseconds(latencies.Sum()), name);
            path.Metadata.BandwidthsKbps.Should()
                .Equal(List(testCase, "bandwidth_kbps", each => each.GetUInt64()), name);
            var hops = List(testCase, "internal_hops", each => each.GetUInt32());
            path.Metadata.InternalHops.Should().Equal(hops.All(each => each == 0) ? [] : hops, name);
            path.Metadata.LinkTypes.Should()
                .Equal(List(testCase, "link_type_code", each => (PathLinkType)(each.GetInt32() + 1)), name);
            path.Metadata.Locations.Should().Equal(List(testCase, "geo", Location), name);
            path.Metadata.Notes.Should().Equal(List(testCase, "notes", each => each.GetString()!), name);

            PathSegment[] Beacons(JsonElement egresses) => egresses.GetArrayLength() == 0
                ? []
                : [graph.Beacon([.. egresses.EnumerateArray().Select(each => each.GetUInt16())])];
        }
    }

    [Fact]
    public void Combine_segments_without_announcements_give_no_metadata()
    {
        ShortcutPath(null, null, null, null).Metadata.Should().BeSameAs(PathMetadata.None);
    }

    [Fact]
    public void Combine_announcements_of_some_ases_leave_the_rest_unknown()
    {
        var metadata = ShortcutPath(null, Announced("", (1, each => each.LinkLatency = Ms(3))), null, null).Metadata;

        metadata.Latencies.Should().Equal(Ms(3), null, null);
        metadata.TotalLatency.Should().BeNull();
        metadata.BandwidthsKbps.Should().BeEmpty();
        metadata.Locations.Should().BeEmpty();
        metadata.LinkTypes.Should().BeEmpty();
        metadata.InternalHops.Should().BeEmpty();
        metadata.Notes.Should().BeEmpty();
    }

    [Fact]
    public void Combine_contradicting_announcements_give_the_careful_value()
    {
        // The left AS is reached over the middle's interface 2, the right one over 3. Both segments tell of the way
        // between the two, and both ends of the left link tell of that.
        var metadata = ShortcutPath(
            middleOfUp: Announced("a",
                (2, each => (each.LinkLatency, each.LinkKbps, each.LinkType) = (Ms(5), 500, PathLinkType.Direct)),
                (3, each => (each.EgressLatency, each.EgressKbps, each.EgressHops) = (Ms(7), 70, 4))),
            left: Announced("",
                (1, each => (each.LinkLatency, each.LinkKbps, each.LinkType) = (Ms(6), 400, PathLinkType.OpenNet))),
            middleOfDown: Announced("b",
                (2, each => (each.EgressLatency, each.EgressKbps, each.EgressHops) = (Ms(2), 90, 3)),
                (3, each => each.LinkType = PathLinkType.MultiHop)),
            right: Announced("c", (1, each => each.LinkType = PathLinkType.MultiHop))).Metadata;

        metadata.Latencies.Should().Equal(Ms(6), Ms(7), null);
        metadata.BandwidthsKbps.Should().Equal(400, 70, 0);
        metadata.BottleneckKbps.Should().BeNull();
        metadata.InternalHops.Should().Equal(3);
        metadata.LinkTypes.Should().Equal(PathLinkType.Unspecified, PathLinkType.MultiHop);
        metadata.Notes.Should().Equal("", "a\nb", "c");
    }

    [Fact]
    public void Combine_same_note_in_two_segments_is_told_once()
    {
        var note = Announced("maintenance on Sunday");
        ShortcutPath(note, null, note, null).Metadata.Notes.Should().Equal("", "maintenance on Sunday", "");
    }

    [Fact]
    public void Combine_two_locations_of_an_interface_give_the_later_one()
    {
        var (old, moved) = (new GeoCoordinates(47, 8, "Zürich"), new GeoCoordinates(46, 7, "Bern"));
        var metadata = ShortcutPath(
            middleOfUp: Announced("", (3, each => each.Location = old)),
            left: null,
            middleOfDown: Announced("", (3, each => each.Location = moved)),
            right: null).Metadata;

        metadata.Locations.Should().Equal(null, null, moved, null);
    }

    /// <summary>The path left, middle, right: an up and a down segment that cross in the AS in the middle.</summary>
    private static ScionPath ShortcutPath(
        EntryMetadata? middleOfUp, EntryMetadata? left, EntryMetadata? middleOfDown, EntryMetadata? right)
    {
        var up = Segment(Left, toLeaf: 2, middleOfUp, left);
        var down = Segment(Right, toLeaf: 3, middleOfDown, right);
        var path = PathCombinator.Combine(Left, Right, new SegmentSet([up], [], [down])).Single();
        path.ToString().Should().Be($"{Left} 1>2 {Middle} 3>1 {Right}");
        return path;
    }

    private static PathSegment Segment(IsdAs leaf, ushort toLeaf, EntryMetadata? middle, EntryMetadata? end) =>
        new(1_700_000_000, 7,
        [
            new(Core, new(false, false, 63, 0, 1, 0), [], 1400, 0),
            new(Middle, new(false, false, 63, 1, toLeaf, 0), [], 1400, 1400, middle),
            new(leaf, new(false, false, 63, 1, 0, 0), [], 1400, 1400, end),
        ]);

    private static EntryMetadata Announced(string note, params (ushort Id, Action<InterfaceMetadata> Set)[] interfaces)
    {
        var announced = new EntryMetadata(note, []);
        foreach (var (id, set) in interfaces)
        {
            set(announced.Interfaces[id] = new InterfaceMetadata());
        }
        return announced;
    }

    private static TimeSpan? Ms(int value) => TimeSpan.FromMilliseconds(value);

    private static List<T> List<T>(JsonElement element, string name, Func<JsonElement, T> read) =>
        [.. element.GetProperty(name).EnumerateArray().Select(read)];

    private static GeoCoordinates Location(JsonElement geo) => new(
        geo.GetProperty("lat").GetSingle(),
        geo.GetProperty("lon").GetSingle(),
        geo.GetProperty("address").GetString()!);

    private static IsdAs AsOf(string text) => IsdAs.Parse(text.Split('#')[0]);
}
