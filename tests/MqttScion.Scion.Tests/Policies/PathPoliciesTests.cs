using FsCheck;
using FsCheck.Fluent;

namespace MqttScion.Scion.Tests;

public sealed class PathPoliciesTests
{
    private static readonly ScionPath Long = TestPaths.Through(["1-2", "1-3"]);
    private static readonly ScionPath Short = TestPaths.Through(["1-ff00:0:120"]);

    [Fact]
    public void FewestHops_puts_the_short_path_first() =>
        PathPolicies.FewestHops().Apply([Long, Short]).Should().Equal(Short, Long);

    [Fact]
    public void LowestLatency_puts_unknown_last_and_keeps_the_order_of_equals()
    {
        ScionPath[] paths =
            [WithLatency("1-2", null), WithLatency("1-3", 9), WithLatency("1-4", 2), WithLatency("1-5", 9), Short];

        PathPolicies.LowestLatency().Apply(paths)
            .Should().Equal(paths[2], paths[1], paths[3], paths[0], paths[4]);
    }

    [Fact]
    public void HighestBandwidth_puts_unknown_last_and_keeps_the_order_of_equals()
    {
        ScionPath[] paths =
        [
            WithBandwidth("1-2", 0), WithBandwidth("1-3", 100), WithBandwidth("1-4", ulong.MaxValue),
            WithBandwidth("1-5", 100), Short,
        ];

        PathPolicies.HighestBandwidth().Apply(paths)
            .Should().Equal(paths[2], paths[1], paths[3], paths[0], paths[4]);
    }

    [Fact]
    public void LargestMtu_puts_the_largest_first_and_keeps_the_order_of_equals()
    {
        ScionPath[] paths =
        [
            PolicyPaths.Of("1-1 1>1 1-2", mtu: 1400), PolicyPaths.Of("1-1 2>2 1-2", mtu: 9000),
            PolicyPaths.Of("1-1 3>3 1-2", mtu: 1400), PolicyPaths.Of("1-1 4>4 1-2", mtu: int.MinValue),
        ];

        PathPolicies.LargestMtu().Apply(paths).Should().Equal(paths[1], paths[0], paths[2], paths[3]);
    }

    [Fact]
    public void MostDisjointFrom_counts_interfaces_then_transit_ASes()
    {
        var other = PolicyPaths.Of("1-1 1>1 1-2 2>1 1-3 2>1 2-1");
        var sameLink = PolicyPaths.Of("1-1 1>1 1-2 9>9 2-1");
        var twoAses = PolicyPaths.Of("1-1 5>5 1-2 6>5 1-3 6>5 2-1");
        var oneAs = PolicyPaths.Of("1-1 5>5 1-2 6>6 2-1");
        var disjoint = PolicyPaths.Of("1-1 7>7 1-9 8>7 2-1");
        var alsoDisjoint = PolicyPaths.Of("1-1 7>7 1-8 8>7 2-1");
        var policy = PathPolicies.MostDisjointFrom(other);

        policy.Apply([other, sameLink, twoAses, oneAs, disjoint, alsoDisjoint])
            .Should().Equal(disjoint, alsoDisjoint, oneAs, twoAses, sameLink, other);
        policy.Explain(sameLink).Should().Be(
            new PathVerdict(IsAllowed: true, "shared interfaces 2, shared transit ASes 1"));
    }

    [Fact]
    public void Orders_explain_the_value_that_they_compare()
    {
        PathPolicies.FewestHops().Explain(Long).Why.Should().Be("hops 4");
        PathPolicies.LowestLatency().Explain(WithLatency("1-2", 12)).Why.Should().Be("latency 12 ms");
        PathPolicies.LowestLatency().Explain(WithLatency("1-2", 0.25)).Why.Should().Be("latency 0.25 ms");
        PathPolicies.LowestLatency().Explain(Short).Why.Should().Be("latency unknown");
        PathPolicies.HighestBandwidth().Explain(WithBandwidth("1-2", 500)).Why.Should().Be("bandwidth 500 kbit/s");
        PathPolicies.HighestBandwidth().Explain(Short).Why.Should().Be("bandwidth unknown");
        PathPolicies.LargestMtu().Explain(Short).Why.Should().Be("MTU 1400 bytes");
        PathPolicies.Any().Explain(Short).Should().Be(new PathVerdict(IsAllowed: true, "allowed: any path is"));
    }

    [Fact]
    public void Avoid_denies_paths_through_the_AS() =>
        PathPolicies.Avoid("1-ff00:0:120").Apply([Long, Short]).Should().Equal(Long);

    [Fact]
    public void Avoid_interface_denies_only_paths_over_it() =>
        PathPolicies.Avoid("1-2#7", "1-ff00:0:120#2").Apply([Long, Short]).Should().Equal(Long);

    [Fact]
    public void Avoid_explains_what_is_avoided_and_where()
    {
        var policy = PathPolicies.Avoid("1-9", "1-ff00:0:120#2");

        policy.Explain(Short).Should().Be(
            new PathVerdict(IsAllowed: false, "denied by avoiding \"1-ff00:0:120#2\" at 1-ff00:0:120#1,2"));
        policy.Explain(Long).Should().Be(
            new PathVerdict(IsAllowed: true, "allowed: nothing on it is to be avoided"));
    }

    [Fact]
    public void Avoid_text_of_another_form_is_refused()
    {
        var make = () => PathPolicies.Avoid("one");
        make.Should().Throw<FormatException>().WithMessage("'one' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT.");
    }

    [Fact]
    public void Then_applies_both() =>
        PathPolicies.FewestHops().Then(PathPolicies.Avoid("1-9")).Apply([Long, Short, TestPaths.Via("1-9")])
            .Should().Equal(Short, Long);

    [Fact]
    public void Then_counts_the_second_order_first_and_keeps_the_first_order_of_equals() =>
        Prop.ForAll<NonNull<int[]>>(values =>
        {
            var paths = values.Get.Select((value, i) => PolicyPaths.Of(
                $"1-1 {i + 1}>{i + 1} " + (value % 3 == 0 ? "1-2 1>1 2-1" : "2-1"), mtu: 1400 + Math.Abs(value % 4)));
            var sorted = PathPolicies.FewestHops().Then(PathPolicies.LargestMtu()).Apply([.. paths]);
            return sorted.SequenceEqual(paths.OrderByDescending(path => path.Mtu).ThenBy(path => path.Hops.Count));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Then_explains_the_first_that_denies_else_all()
    {
        var policy = PathPolicies.Acl("- 1-3 +").Then(PathPolicies.Sequence("0 0 0")).Then(PathPolicies.FewestHops());

        policy.Explain(Long).Should().Be(new PathVerdict(IsAllowed: false, "denied by \"- 1-3\" at 1-3#1,2"));
        policy.Explain(TestPaths.Through(["1-4", "1-5"])).Should().Be(new PathVerdict(
            IsAllowed: false,
            "denied: fits up to 1-5#1,2 (hop 3); then comes 2-1#1,0 where the end is expected"));
        policy.Explain(Short).Should().Be(
            new PathVerdict(IsAllowed: true, "allowed by \"+\"; allowed by \"0 0 0\"; hops 3"));
    }

    [Fact]
    public void Notes_of_an_AS_do_not_appear_in_a_verdict()
    {
        var path = Short.WithMetadata(new PathMetadata
        {
            Latencies = [TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)],
            Notes = ["\u001b[31m\n", "\r\n", "\0"],
        });

        PathPolicies.Any().Then(PathPolicies.LowestLatency()).Explain(path).Why
            .Should().Be("allowed: any path is; latency 3 ms");
    }

    private static ScionPath WithLatency(string isdAs, double? milliseconds) =>
        TestPaths.Via(isdAs).WithMetadata(new PathMetadata
        {
            Latencies = [TimeSpan.Zero, milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null, TimeSpan.Zero],
        });

    private static ScionPath WithBandwidth(string isdAs, ulong kbps) =>
        TestPaths.Via(isdAs).WithMetadata(new PathMetadata { BandwidthsKbps = [ulong.MaxValue, kbps, ulong.MaxValue] });
}
