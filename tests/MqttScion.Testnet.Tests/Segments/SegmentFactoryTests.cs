using System.Buffers.Binary;
using MqttScion.Scion;

namespace MqttScion.Testnet.Tests;

public sealed class SegmentFactoryTests
{
    private static readonly ForwardingKeys Keys = new("seed"u8);

    [Fact]
    public void Segments_between_default_leaf_ASes_combine_to_two_disjoint_paths()
    {
        var paths = Paths("1-ff00:0:111", "2-ff00:0:211");

        paths.Select(path => path.ToString()).Should().Contain(
            "1-ff00:0:111 1>3 1-ff00:0:110 1>1 2-ff00:0:210 3>1 2-ff00:0:211",
            "1-ff00:0:111 2>3 1-ff00:0:120 1>1 2-ff00:0:220 3>2 2-ff00:0:211");
    }

    [Theory]
    [InlineData("1-ff00:0:111", "2-ff00:0:211")] // up, core and down
    [InlineData("1-ff00:0:111", "1-ff00:0:110")] // up only, and up and core
    [InlineData("1-ff00:0:111", "2-ff00:0:220")]
    [InlineData("1-ff00:0:110", "2-ff00:0:220")] // core only
    [InlineData("2-ff00:0:210", "1-ff00:0:112")] // core and down
    [InlineData("1-ff00:0:112", "1-ff00:0:111")] // on the way
    [InlineData("1-ff00:0:112", "2-ff00:0:212")] // peering
    public void Segments_of_each_kind_give_paths_whose_hop_fields_verify_on_the_way(string source, string destination)
    {
        var paths = Paths(source, destination);

        paths.Should().NotBeEmpty();
        foreach (var path in paths)
        {
            VerifyOnTheWay(path);
        }
    }

    [Fact]
    public void Segments_over_a_peering_link_give_a_path_that_uses_it() =>
        Paths("1-ff00:0:112", "2-ff00:0:212")[0].ToString().Should().Be("1-ff00:0:112 2>2 2-ff00:0:212");

    [Fact]
    public void Segments_to_an_unknown_AS_are_none() => Paths("1-ff00:0:112", "7-7").Should().BeEmpty();

    [Fact]
    public void Segments_backdated_expire_sooner()
    {
        var age = TimeSpan.FromSeconds(330);
        var options = new SegmentFactoryOptions { Lifetime = HopField.ExpTimeStep, Backdating = age };
        var before = TimeProvider.System.GetUtcNow();
        var path = Paths("1-ff00:0:111", "1-ff00:0:110", options)[0];
        path.Expiry.Should().BeCloseTo(before.AddSeconds(7.5), TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("1-ff00:0:111", "2-ff00:0:211")] // up, core and down
    [InlineData("1-ff00:0:112", "2-ff00:0:212")] // peering, and the long ways
    [InlineData("1-ff00:0:112", "1-ff00:0:111")] // on the way
    [InlineData("1-ff00:0:110", "2-ff00:0:220")] // core only
    public void Segments_announce_latency_and_bandwidth_of_the_links_on_each_path(string source, string destination)
    {
        var links = Topology.Default.Links.Select((link, i) => link with
        {
            Delay = TimeSpan.FromMicroseconds(1500 << i),
            BandwidthKbps = 1_000_000 - i,
        }).ToList();
        var paths = Paths(source, destination, topology: new Topology(Topology.Default.Ases, links));
        paths.Should().NotBeEmpty();
        foreach (var path in paths)
        {
            var crossed = links.Where(link => path.Interfaces.Contains(link.A)).ToList();
            crossed.Should().HaveCount(path.Interfaces.Count / 2);
            path.Metadata.TotalLatency.Should().Be(
                crossed.Aggregate(TimeSpan.Zero, (sum, link) => sum + link.Delay!.Value), $"of {path}");
            path.Metadata.BottleneckKbps.Should().Be((ulong)crossed.Min(link => link.BandwidthKbps!.Value));
            path.Metadata.LinkTypes.Should().HaveCount(crossed.Count).And.OnlyContain(
                type => type == PathLinkType.Direct);
        }
    }

    [Fact]
    public void Segments_announce_only_what_the_topology_tells()
    {
        foreach (var path in Paths("1-ff00:0:111", "2-ff00:0:211"))
            path.Metadata.Should().BeEquivalentTo(PathMetadata.None);

        var links = Topology.Default.Links.Select((link, i) => i == 0 ? link with { BandwidthKbps = 5 } : link);
        var one = Paths("1-ff00:0:111", "2-ff00:0:211", topology: new Topology(Topology.Default.Ases, links))
            .Single(path => path.ToString() == "1-ff00:0:111 1>3 1-ff00:0:110 1>1 2-ff00:0:210 3>1 2-ff00:0:211");
        one.Metadata.BandwidthsKbps.Should().Equal(0, 5, 5, 5, 0);
        one.Metadata.Latencies.Should().BeEmpty();
        one.Metadata.LinkTypes.Should().Equal(
            PathLinkType.Unspecified, PathLinkType.Direct, PathLinkType.Unspecified);
    }

    private static IReadOnlyList<ScionPath> Paths(
        string source,
        string destination,
        SegmentFactoryOptions? options = null,
        Topology? topology = null)
    {
        var (from, to) = (IsdAs.Parse(source), IsdAs.Parse(destination));
        var answer = new SegmentFactory(topology ?? Topology.Default, Keys, options).Segments(from, to);
        return PathCombinator.Combine(from, to, new SegmentSet(
            [.. answer.UpSegments.Select(Decode)],
            [.. answer.CoreSegments.Select(Decode)],
            [.. answer.DownSegments.Select(Decode)]));
    }

    private static PathSegment Decode(Scion.Protobuf.PathSegment message)
    {
        SegmentDecoder.TryDecode(message, DateTimeOffset.UtcNow, out var segment, out var error).Should().BeTrue(error);
        return segment!;
    }

    /// <summary>Checks each hop field as the routers would, and that the way ends at the last one.</summary>
    private static void VerifyOnTheWay(ScionPath path)
    {
        var bytes = path.DataplanePath.Span;
        var meta = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        int[] lengths = [(int)(meta >> 12 & 63), (int)(meta >> 6 & 63), (int)(meta & 63)];
        var segments = lengths.Count(length => length > 0);
        var ases = AsesOf(path, lengths, (bytes[4] & 2) != 0);
        var index = 0;
        for (var s = 0; s < segments; s++)
        {
            var info = bytes.Slice(4 + 8 * s, 8);
            var (isConsDir, isPeering) = ((info[0] & 1) != 0, (info[0] & 2) != 0);
            var beta = BinaryPrimitives.ReadUInt16BigEndian(info[2..]);
            var timestamp = BinaryPrimitives.ReadUInt32BigEndian(info[4..]);
            for (var i = 0; i < lengths[s]; i++, index++)
            {
                var hop = bytes.Slice(4 + 8 * segments + 12 * index, 12);
                var prefix = BinaryPrimitives.ReadUInt16BigEndian(hop[6..]);
                var isPeerHop = isPeering && (s == 0 ? i == lengths[s] - 1 : i == 0);
                if (!isConsDir && i > 0 && !isPeerHop)
                {
                    beta ^= prefix;
                }
                var mac = new byte[HopMac.Length];
                HopMac.Compute(
                    Keys.KeyOf(ases[index]), beta, timestamp, hop[1],
                    BinaryPrimitives.ReadUInt16BigEndian(hop[2..]),
                    BinaryPrimitives.ReadUInt16BigEndian(hop[4..]),
                    mac);
                hop[6..].ToArray().Should().Equal(mac, $"hop {index} of {path}");
                if (isConsDir && !isPeerHop)
                {
                    beta ^= prefix;
                }
            }
        }
        index.Should().Be(ases.Count);
    }

    /// <summary>The AS of each hop field: where segments meet (not at a peering link) an AS has two.</summary>
    private static List<IsdAs> AsesOf(ScionPath path, int[] lengths, bool isPeering)
    {
        var ases = path.Hops.Select(hop => hop.IsdAs).ToList();
        if (!isPeering)
        {
            for (var (s, end) = (0, lengths[0]); s < 2 && lengths[s + 1] > 0; s++, end += lengths[s])
            {
                ases.Insert(end, ases[end - 1]);
            }
        }
        return ases;
    }
}
