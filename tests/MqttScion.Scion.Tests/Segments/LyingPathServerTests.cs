using Google.Protobuf;
using static MqttScion.Scion.Tests.SegmentMessages;

namespace MqttScion.Scion.Tests;

/// <summary>Segments that no beacon makes: each is refused with its fault, and no number of them stops us.</summary>
public sealed class LyingPathServerTests
{
    [Theory]
    [InlineData("reversed", "entry 0: ingress is 1")]
    [InlineData("swapped", "entry 1 is of 1-3; the one before names 1-2 as next")]
    [InlineData("gap", "entry 2 is of 1-3; the one before names 1-9 as next")]
    [InlineData("left out", "entry 1 is of 1-3; the one before names 1-2 as next")]
    [InlineData("twice an AS", "entries 0 and 2 are both of 1-1")]
    [InlineData("twice the first", "entries 0 and 1 are both of 1-1")]
    [InlineData("no info", "segment_info is missing")]
    [InlineData("no signed", "entry 2: signed is missing")]
    [InlineData("no header_and_body", "entry 2: header_and_body is missing")]
    [InlineData("not protobuf", "entry 2: header_and_body is not valid protobuf")]
    [InlineData("no isd_as", "entry 2: isd_as 0-0 is a wildcard")]
    [InlineData("no next", "entry 2: next_isd_as is 0-0")]
    [InlineData("no mac", "entry 2: mac has 0 bytes; expected 6")]
    [InlineData("no egress", "entry 2: egress is 0")]
    [InlineData("peers of one", "entry 2: 5000 peer entries; at most 512 are taken")]
    [InlineData("peers of all", "600 peer entries up to entry 2; at most 512 are taken")]
    public void Decode_segment_that_lies_is_refused_by_name(string fault, string expected)
    {
        var bodies = Bodies(4);
        switch (fault)
        {
            case "reversed": Array.Reverse(bodies); break;
            case "swapped": (bodies[1], bodies[2]) = (bodies[2], bodies[1]); break;
            case "gap": bodies[1].NextIsdAs = new IsdAs(1, 9).Value; break;
            case "left out": bodies = [bodies[0], bodies[2], bodies[3]]; break;
            case "twice an AS": bodies[2].IsdAs = bodies[1].NextIsdAs = bodies[0].IsdAs; break;
            case "twice the first": bodies[1].IsdAs = bodies[0].NextIsdAs = bodies[0].IsdAs; break;
            case "no isd_as": bodies[2].IsdAs = 0; break;
            case "no next": bodies[2].NextIsdAs = 0; break;
            case "no mac": bodies[2].HopEntry.HopField.Mac = ByteString.Empty; break;
            case "no egress": bodies[2].HopEntry.HopField.Egress = 0; break;
            case "peers of one": bodies[2].PeerEntries.Add(Peers(5000)); break;
            case "peers of all": Array.ForEach(bodies[..3], body => body.PeerEntries.Add(Peers(200))); break;
        }
        var message = Segment(bodies);
        switch (fault)
        {
            case "no info": message.SegmentInfo = ByteString.Empty; break;
            case "no signed": message.AsEntries[2].Signed = null; break;
            case "no header_and_body": message.AsEntries[2].Signed.HeaderAndBody = ByteString.Empty; break;
            case "not protobuf": message.AsEntries[2].Signed.HeaderAndBody = ByteString.CopyFrom(0xff); break;
        }

        SegmentDecoder.TryDecode(message.ToByteArray(), Now, out var segment, out var error).Should().BeFalse();
        segment.Should().BeNull();
        error.Should().StartWith(expected);

        static IEnumerable<Protobuf.PeerEntry> Peers(int count) => Enumerable.Repeat(Peer(8, 2), count);
    }

    [Theory]
    [InlineData(301, "timestamp 1700000301 (2023-11-14 22:18:21Z) is in the future; it is 2023-11-14 22:13:20Z")]
    [InlineData(-86_401, "timestamp 1699913599 (2023-11-13 22:13:19Z) is over a day ago; it is 2023-11-14 22:13:20Z")]
    [InlineData(-1_700_000_000, "timestamp 0 (1970-01-01 00:00:00Z) is over a day ago; it is 2023-11-14 22:13:20Z")]
    [InlineData(-1_700_000_001, "timestamp -1 does not fit 32 bits")]
    [InlineData(long.MaxValue - 1_700_000_000, "timestamp 9223372036854775807 does not fit 32 bits")]
    public void Decode_timestamp_out_of_its_time_is_refused(long seconds, string expected)
    {
        var message = Chain(3);
        message.SegmentInfo = SegmentInfo(Now.ToUnixTimeSeconds() + seconds);

        SegmentDecoder.TryDecode(message, Now, out _, out var error).Should().BeFalse();
        error.Should().Be(expected);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(-86_400)]
    public void Decode_timestamp_within_clock_skew_and_a_day_is_taken(long seconds)
    {
        var message = Chain(3);
        message.SegmentInfo = SegmentInfo(Now.ToUnixTimeSeconds() + seconds);

        SegmentDecoder.TryDecode(message, Now, out _, out var error).Should().BeTrue(error);
    }

    [Fact]
    public void Decode_field_sent_twice_counts_as_sent_last()
    {
        byte[] future = new Protobuf.PathSegment { SegmentInfo = SegmentInfo(1_800_000_000) }.ToByteArray();
        byte[] good = Chain(3).ToByteArray();

        SegmentDecoder.TryDecode([.. future, .. good], Now, out _, out var error).Should().BeTrue(error);
        SegmentDecoder.TryDecode([.. good, .. future], Now, out _, out error).Should().BeFalse();
        error.Should().StartWith("timestamp 1800000000");
        SegmentDecoder.TryDecode([.. good, .. good], Now, out _, out error).Should().BeFalse();
        error.Should().Be("entry 2: egress is 0", "the entries of both make one segment");
    }

    [Fact]
    public void Decode_random_mutations_never_throw_and_keep_the_rules()
    {
        var bodies = Bodies(4);
        bodies[1].PeerEntries.Add(Peer(8, 2));
        bodies[1].Extensions = new Protobuf.PathSegmentExtensions
        {
            StaticInfo = new Protobuf.StaticInfoExtension
            {
                Latency = new() { Intra = { [8] = 5 }, Inter = { [2] = 7 } },
                Geo = { [2] = new() { Latitude = 47, Longitude = 8, Address = "Zürich" } },
                Note = "hello",
            },
        };
        var good = Segment(bodies).ToByteArray();
        var random = new Random(3);
        var taken = 0;
        for (var i = 0; i < 5_000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            if (SegmentDecoder.TryDecode(bytes, Now, out var segment, out var error))
            {
                taken++;
                PathCombinator.Combine(segment.Last, segment.First, new SegmentSet([segment], [], [segment]))
                    .Single().Hops.Count.Should().Be(segment.Entries.Count);
            }
            (segment is null).Should().Be(error is not null);
        }
        taken.Should().BeInRange(50, 4_900, "some changes hit what is free, others a rule");
    }

    [Fact]
    public void Combine_more_paths_than_are_taken_gives_the_shortest()
    {
        // 10 × 10 × 10 paths of three links, and a thousand times as many of four.
        var ups = Two(count: 10, from: 1, to: 9, firstInterface: 1);
        PathSegment[] cores =
        [
            .. Two(count: 10, from: 2, to: 1, firstInterface: 101),
            .. Enumerable.Range(0, 1000).Select(i => Through(2, 5, 1, (ushort)(1001 + i))),
        ];
        var downs = Two(count: 10, from: 2, to: 8, firstInterface: 1);

        var paths = Combine(new SegmentSet(ups, [.. cores.Reverse()], downs));

        paths.Should().HaveCount(PathCombinator.MaxPaths).And.OnlyHaveUniqueItems();
        paths.Should().OnlyContain(path => path.Interfaces.Count == 6);
    }

    [Fact]
    public void Combine_more_ways_than_are_looked_at_ends_with_the_paths_found()
    {
        // A billion ways, all over the same interfaces.
        var ups = Enumerable.Repeat(Two(1, from: 1, to: 9, firstInterface: 1)[0], 1024).ToArray();
        var cores = Enumerable.Repeat(Two(1, from: 2, to: 1, firstInterface: 7)[0], 1024).ToArray();
        var downs = Enumerable.Repeat(Two(1, from: 2, to: 8, firstInterface: 1)[0], 1024).ToArray();

        Combine(new SegmentSet(ups, cores, downs)).Should().ContainSingle();
    }

    [Fact]
    public void Combine_nothing_but_loops_ends_without_a_path()
    {
        // Each way crosses the AS 1-5 on the way up and again in the core.
        var ups = Enumerable.Range(1, 1024).Select(i => Through(1, 5, 9, (ushort)i)).ToArray();
        var cores = Enumerable.Range(1, 1024).Select(i => Through(2, 5, 1, (ushort)(2000 + i))).ToArray();

        Combine(new SegmentSet(ups, cores, Two(1024, from: 2, to: 8, firstInterface: 1))).Should().BeEmpty();
    }

    [Fact]
    public void Combine_longest_segments_through_the_same_ases_ends()
    {
        var random = new Random(1);
        PathSegment[] Shuffled(int last) => [.. Enumerable.Range(0, 1024).Select(_ =>
        {
            var ases = Enumerable.Range(100, 62).OrderBy(_ => random.Next()).Append(last).ToArray();
            return new PathSegment(1_700_000_000, 7, [.. ases.Select((isdAs, i) => new SegmentEntry(
                As(isdAs), Hop(i == 0 ? 0 : isdAs, i == 62 ? 0 : isdAs + 1000), [], 1400, 1400))]);
        })];

        var paths = Combine(new SegmentSet(Shuffled(9), [], Shuffled(8)));

        paths.Should().NotBeEmpty().And.OnlyContain(path => path.Hops.Count <= 63);
    }

    [Fact]
    public void Combine_hundred_thousand_segments_of_each_kind_ends()
    {
        var ups = Two(50_000, from: 1, to: 9, firstInterface: 1);
        var cores = Two(50_000, from: 2, to: 1, firstInterface: 1);
        var downs = Two(50_000, from: 2, to: 8, firstInterface: 1);

        Combine(new SegmentSet([.. ups, .. ups], [.. cores, .. cores], [.. downs, .. downs]))
            .Should().HaveCount(PathCombinator.MaxPaths);
    }

    [Fact]
    public void Combine_peering_links_by_the_thousand_ends()
    {
        var ups = Enumerable.Range(0, 256).Select(_ => Peering(9, 8)).ToArray();
        var downs = Enumerable.Range(0, 256).Select(_ => Peering(8, 9)).ToArray();

        var paths = Combine(new SegmentSet(ups, [], downs));

        paths.Should().NotBeEmpty().And.OnlyContain(path => path.Interfaces.Count == 2);

        static PathSegment Peering(int leaf, int peer) => new(1_700_000_000, 7,
        [
            new(As(leaf + 100), Hop(0, 1), [], 0, 0),
            new(As(leaf), Hop(1, 0),
                [.. Enumerable.Range(1, SegmentDecoder.MaxPeers).Select(i =>
                    new SegmentPeer(As(peer), (ushort)i, Hop(i, 0), 0))],
                0, 0),
        ]);
    }

    [Fact]
    public async Task Combine_one_peering_link_announced_half_a_million_times_ends_soon()
    {
        // For each way up only the last of half a million ways down is short enough.
        var up = new PathSegment(1_700_000_000, 7,
            [new(As(109), Hop(0, 1), [], 0, 0), new(As(9), Hop(1, 0), Peers(1, 512, egress: 0), 0, 0)]);
        var shortDown = new PathSegment(1_700_000_000, 7,
            [new(As(1), Hop(0, 2), Peers(9, 1, egress: 2), 0, 0), new(As(8), Hop(2, 0), [], 0, 0)]);
        var longDown = new PathSegment(1_700_000_000, 7,
        [
            new(As(1), Hop(0, 3), Peers(9, 512, egress: 3), 0, 0), new(As(2), Hop(3, 4), [], 0, 0),
            new(As(8), Hop(4, 0), [], 0, 0),
        ]);
        var segments = new SegmentSet(
            [.. Enumerable.Repeat(up, 1024)], [], [.. Enumerable.Repeat(longDown, 1023), shortDown]);

        var combining = Task.Run(() => Combine(segments));

        // A quarter of a million million pairs take hours; the limit is for a machine that is busy otherwise.
        (await combining.WaitAsync(TimeSpan.FromMinutes(1))).Should().NotBeEmpty();

        static SegmentPeer[] Peers(int peer, int count, int egress) =>
            [.. Enumerable.Repeat(new SegmentPeer(As(peer), 1, Hop(1, egress), 0), count)];
    }

    private static IReadOnlyList<ScionPath> Combine(SegmentSet segments) =>
        PathCombinator.Combine(As(9), As(8), segments);

    private static IsdAs As(int number) => new(1, (ulong)number);

    private static HopField Hop(int ingress, int egress) =>
        new(false, false, 63, (ushort)ingress, (ushort)egress, Mac: 0);

    /// <summary>Segments of one link each, over different interfaces.</summary>
    private static PathSegment[] Two(int count, int from, int to, int firstInterface) =>
        [.. Enumerable.Range(firstInterface, count).Select(id => new PathSegment(1_700_000_000, 7,
        [
            new(As(from), Hop(0, id), [], 1400, 0),
            new(As(to), Hop(id, 0), [], 1400, 1400),
        ]))];

    private static PathSegment Through(int from, int middle, int to, ushort id) => new(1_700_000_000, 7,
    [
        new(As(from), Hop(0, id), [], 1400, 0),
        new(As(middle), Hop(id, id), [], 1400, 1400),
        new(As(to), Hop(id, 0), [], 1400, 1400),
    ]);
}
