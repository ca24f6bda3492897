using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace MqttScion.Scion.Tests;

public sealed class PathCombinatorTests
{
    [VectorFact]
    public void Combine_golden_cases_give_the_published_paths_byte_for_byte()
    {
        foreach (var testCase in Cases("cases.json", count: 26))
        {
            var segments = new TestGraph(testCase.GetProperty("graph_changes")).Segments(testCase);
            var paths = PathCombinator.Combine(IsdAsOf(testCase, "src"), IsdAsOf(testCase, "dst"), segments);

            var expected = VectorFile.Bytes("combinator/" + testCase.GetProperty("expected").GetString());
            Describe(paths).Should().Be(Encoding.UTF8.GetString(expected), testCase.GetProperty("name").GetString());
        }
    }

    [VectorFact]
    public void Combine_mtu_cases_give_the_smallest_mtu_of_the_parts_used()
    {
        foreach (var testCase in Cases("mtu.json", count: 5))
        {
            var graph = new TestGraph();
            graph.RemoveLink(2327);
            var changes = testCase.GetProperty("set").EnumerateObject()
                .ToDictionary(p => p.Name, p => p.Value.GetInt32());
            var up = WithMtus(graph.Beacon(3214, 1417), "up", changes);
            var down = WithMtus(graph.Beacon(2123, 2325), "down", changes);
            var withDown = testCase.GetProperty("segments").GetArrayLength() == 2;

            var paths = PathCombinator.Combine(
                IsdAsOf(testCase, "src"),
                IsdAsOf(testCase, "dst"),
                new SegmentSet([up], [], withDown ? [down] : []));

            paths.Should().ContainSingle().Which.Mtu.Should()
                .Be(testCase.GetProperty("expect").GetInt32(), testCase.GetProperty("name").GetString());
        }
    }

    [VectorFact]
    public void Combine_expiry_cases_give_the_published_seconds()
    {
        foreach (var testCase in Cases("expiry.json", count: 7))
        {
            var expTimes = testCase.GetProperty("exp_times").EnumerateArray().Select(e => e.GetByte()).ToArray();
            var first = expTimes[0];
            var last = expTimes[^1];
            var a = IsdAs.Parse("1-1");
            var b = IsdAs.Parse("1-2");
            var segment = new PathSegment(testCase.GetProperty("timestamp").GetUInt32(), 0,
            [
                new(a, new(false, false, first, 0, 1, 0), [], 0, 0),
                new(b, new(false, false, last, 1, 0, 0), [], 0, 0),
            ]);

            var path = PathCombinator.Combine(b, a, new([segment], [], [])).Should().ContainSingle().Subject;
            path.Expiry.ToUnixTimeSeconds().Should().Be(testCase.GetProperty("expiry").GetInt64());
            path.Mtu.Should().Be(PathCombinator.DefaultMtu, "no part announces an MTU");
        }
    }

    [VectorFact]
    public void ExpTime_from_duration_cases_give_the_published_values()
    {
        var vectors = VectorFile.Json("combinator/expiry.json").GetProperty("exp_time_from_duration");
        vectors.GetProperty("cases").GetArrayLength().Should().Be(6);
        foreach (var testCase in vectors.GetProperty("cases").EnumerateArray())
        {
            // Ticks are 100 ns; the vectors step by 1 ns around the borders.
            var nanoseconds = testCase.GetProperty("d_ns").GetInt64();
            var lifetime = TimeSpan.FromTicks((long)Math.Floor(nanoseconds / 100.0));
            if (nanoseconds > TimeSpan.FromDays(1).Ticks * 100)
            {
                lifetime = TimeSpan.FromDays(1) + TimeSpan.FromTicks(1);
            }
            var isEncodable = HopLifetime.TryToExpTime(lifetime, out var expTime);
            isEncodable.Should().Be(!testCase.TryGetProperty("error", out _));
            if (isEncodable)
            {
                expTime.Should().Be(testCase.GetProperty("exp_time").GetByte());
            }
        }
    }

    [VectorFact]
    public void RemoveDuplicates_published_cases_keep_the_latest_of_equals()
    {
        var vectors = VectorFile.Json("combinator/filter_duplicates.json");
        foreach (var testCase in Cases("filter_duplicates.json", count: 8))
        {
            var input = testCase.GetProperty("in").EnumerateArray()
                .Select(entry => (Id: entry[0].GetInt32(), Draft: DraftOf(vectors, entry)))
                .ToList();

            var kept = PathCombinator.RemoveDuplicates(input.Select(i => i.Draft), draft => draft.Expiry);

            kept.Select(draft => input.Single(i => ReferenceEquals(i.Draft, draft)).Id)
                .Should().Equal(testCase.GetProperty("keep").EnumerateArray().Select(k => k.GetInt32()),
                    testCase.GetProperty("name").GetString());
        }
    }

    [VectorFact]
    public void Combine_up_and_down_segments_start_the_mac_chain_where_travel_begins()
    {
        var graph = new TestGraph();
        var segment = graph.Beacon(1316, 1619, 1910); // MAC prefixes 0x0000, 0x0100, 0x0200, 0x0300; segment id 7.
        var (core, leaf) = (segment.First, segment.Last);

        var up = PathCombinator.Combine(leaf, core, new([segment], [], []))[0].DataplanePath.Span;
        var down = PathCombinator.Combine(core, leaf, new([], [], [segment]))[0].DataplanePath.Span;

        BinaryPrimitives.ReadUInt16BigEndian(up[6..]).Should().Be(7 ^ 0x0100 ^ 0x0200);
        BinaryPrimitives.ReadUInt16BigEndian(down[6..]).Should().Be(7);
    }

    [Fact]
    public void Combine_same_source_and_destination_gives_nothing()
    {
        var isdAs = IsdAs.Parse("1-1");
        PathCombinator.Combine(isdAs, isdAs, new([], [], [])).Should().BeEmpty();
    }

    private static JsonElement.ArrayEnumerator Cases(string file, int count)
    {
        var cases = VectorFile.Json("combinator/" + file).GetProperty("cases");
        cases.GetArrayLength().Should().Be(count);
        return cases.EnumerateArray();
    }

    private static string Describe(IReadOnlyList<ScionPath> paths)
    {
        var text = new StringBuilder();
        for (var i = 0; i < paths.Count; i++)
        {
            text.Append($"Path #{i}:\n  Weight: {paths[i].Interfaces.Count / 2}\n  Fields:\n");
            DescribeFields(paths[i].DataplanePath.Span, text);
            text.Append("  Interfaces:\n");
            foreach (var each in paths[i].Interfaces)
            {
                text.Append($"    {each}\n");
            }
        }
        return text.ToString();
    }

    private static void DescribeFields(ReadOnlySpan<byte> path, StringBuilder text)
    {
        var meta = BinaryPrimitives.ReadUInt32BigEndian(path);
        int[] lengths = [(int)(meta >> 12 & 63), (int)(meta >> 6 & 63), (int)(meta & 63)];
        var hop = 4 + 8 * lengths.Count(length => length > 0);
        for (var i = 0; i < 3 && lengths[i] > 0; i++)
        {
            var flags = path[4 + 8 * i];
            text.Append($"    IF {((flags & 1) != 0 ? 'C' : '.')}{((flags & 2) != 0 ? 'P' : '.')}\n");
            for (var j = 0; j < lengths[i]; j++, hop += 12)
            {
                var ingress = BinaryPrimitives.ReadUInt16BigEndian(path[(hop + 2)..]);
                var egress = BinaryPrimitives.ReadUInt16BigEndian(path[(hop + 4)..]);
                text.Append($"      HF InIF={ingress} OutIF={egress}\n");
            }
        }
        hop.Should().Be(path.Length);
    }

    private static PathSegment WithMtus(PathSegment segment, string name, Dictionary<string, int> changes)
    {
        int Mtu(string part) => changes.GetValueOrDefault($"{name}{part}", 1000);
        var entries = segment.Entries.Select((entry, i) => entry with
        {
            Mtu = Mtu($"[{i}].mtu"),
            IngressMtu = i == 0 ? 0 : Mtu($"[{i}].ingress_mtu"),
            Peers = [.. entry.Peers.Select((peer, p) => peer with { Mtu = Mtu($"[{i}].peers[{p}].peer_mtu") })],
        });
        return new PathSegment(segment.Timestamp, segment.SegmentId, [.. entries]);
    }

    private static PathDraft DraftOf(JsonElement vectors, JsonElement entry)
    {
        var interfaces = vectors.GetProperty("paths").GetProperty($"{entry[1].GetInt32()}").EnumerateArray()
            .Select(text => text.GetString()!.Split('#'))
            .Select(parts => new PathInterface(IsdAs.Parse(parts[0]), ushort.Parse(parts[1])));
        var expiry = DateTimeOffset.UnixEpoch.AddHours(entry[2].GetString() == "later" ? 2 : 1);
        return new PathDraft(default, [.. interfaces], expiry);
    }

    private static IsdAs IsdAsOf(JsonElement testCase, string name) =>
        IsdAs.Parse(testCase.GetProperty(name).GetString()!);
}
