namespace MqttScion.Scion.Tests;

/// <summary>What holds for the paths between all pairs of ASes of networks made by chance.</summary>
public sealed class CombinedPathTests
{
    private const int Seeds = 10;

    [Fact]
    public void Combine_random_networks_gives_exactly_the_loop_free_ways_that_segments_allow()
    {
        var count = 0;
        foreach (var (topology, source, destination, paths) in Combined())
        {
            var expected = Ways(topology, source, destination).Select(way => string.Join(' ', way.Interfaces)).ToList();
            expected.Count.Should().BeLessThan(PathCombinator.MaxPaths);

            paths.Select(path => string.Join(' ', path.Interfaces)).Order(StringComparer.Ordinal).Should()
                .Equal(expected.Order(StringComparer.Ordinal), "of {0} to {1}", source, destination);
            count += paths.Count;
        }
        count.Should().BeGreaterThan(3_000, "the networks should offer something to combine");
    }

    [Fact]
    public void Combine_random_networks_gives_the_shortest_first()
    {
        foreach (var (_, _, _, paths) in Combined())
        {
            paths.Select(path => path.Interfaces.Count).Should().BeInAscendingOrder();
        }
    }

    [Fact]
    public void Combine_random_networks_gives_paths_that_routers_forward_there_and_back()
    {
        foreach (var (topology, source, destination, paths) in Combined())
        {
            var routers = new RouterWalk(topology);
            foreach (var path in paths)
            {
                var there = routers.Walk(source, path.DataplanePath.Span);
                there.End.Should().Be(destination);
                there.Interfaces.Should().Equal(path.Interfaces);

                var reversed = new byte[there.Path.Length];
                PathReversal.TryReverse(there.Path, reversed).Should().BeTrue();
                var back = routers.Walk(destination, reversed);
                back.End.Should().Be(source);
                back.Interfaces.Should().Equal(path.Interfaces.Reverse());
            }
        }
    }

    [Fact]
    public void Combine_random_networks_gives_the_metadata_that_the_ases_along_the_path_announce()
    {
        foreach (var path in Combined().SelectMany(each => each.Paths))
        {
            var latencies = path.Interfaces.Zip(path.Interfaces.Skip(1), RandomTopology.Announced);
            path.Metadata.Latencies.Should().Equal(latencies.Select(us => (TimeSpan?)TimeSpan.FromMicroseconds(us)));
            path.Metadata.LinkTypes.Should()
                .HaveCount(path.Interfaces.Count / 2).And.OnlyContain(type => type == PathLinkType.Direct);
            path.Metadata.Notes.Should().Equal(path.Hops.Select(hop => $"Note of {hop.IsdAs}"));
            path.Expiry.Should().Be(
                DateTimeOffset.FromUnixTimeSeconds(RandomTopology.Timestamp)
                + (RandomTopology.ExpTime + 1) * HopField.ExpTimeStep);
        }
    }

    private static IEnumerable<
        (RandomTopology Topology, IsdAs Source, IsdAs Destination, IReadOnlyList<ScionPath> Paths)> Combined()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var topology = new RandomTopology(seed);
            foreach (var source in topology.Ases)
            {
                foreach (var destination in topology.Ases.Where(each => each != source))
                {
                    var segments = topology.Segments(source, destination);
                    yield return (topology, source, destination, PathCombinator.Combine(source, destination, segments));
                }
            }
        }
    }

    /// <summary>
    /// Up from the source to an AS, down from an AS to the destination; the two are the same AS, or joined over core
    /// ASes, or peers (which only segments of ASes that are no core announce).
    /// </summary>
    private static IEnumerable<RandomWay> Ways(RandomTopology topology, IsdAs source, IsdAs destination)
    {
        var ways =
            from up in topology.WaysUp(source)
            from down in topology.WaysUp(destination)
            from joint in Joints(up.End, down.End)
            select up.Then(joint).Then(down.Turned().Links);
        return ways.Where(way => way.Ases.Distinct().Count() == way.Ases.Count);

        IEnumerable<IEnumerable<RandomLink>> Joints(IsdAs from, IsdAs to)
        {
            if (from == to)
            {
                return [[]];
            }
            var cores = topology.IsCore(from) && topology.IsCore(to)
                ? topology.CoreWays(from, to).Select(way => way.Links)
                : [];
            var peers = topology.IsCore(source) || topology.IsCore(destination)
                ? []
                : topology.LinksOf(from).Where(link => link.Type == RandomLinkType.Peer && link.Far.IsdAs == to);
            return [.. cores, .. peers.Select(link => new[] { link })];
        }
    }
}
