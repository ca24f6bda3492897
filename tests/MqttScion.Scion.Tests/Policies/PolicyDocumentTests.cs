using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace MqttScion.Scion.Tests;

/// <summary>The samples of docs/policies.md do what it says.</summary>
public sealed partial class PolicyDocumentTests
{
    private const string Example = "1-1 9>3 1-2 4>5 2-1";

    private static readonly string Document = Read();
    private static readonly ScionPath Path = PolicyPaths.Of(Example);

    [Theory]
    [InlineData("1", "1-1#0,9")]
    [InlineData("1-ff00:0:110", "1-ff00:0:110#1,2")]
    [InlineData("1-2#3", "1-2#3,4")]
    [InlineData("1-2#3", "1-2#9,3")]
    [InlineData("1-2#3,4", "1-2#3,4")]
    [InlineData("0", "2-1#5,0")]
    [InlineData("0-2", "1-2#3,4")]
    [InlineData("1-2#0,4", "1-2#3,4")]
    public void Predicate_matches(string predicate, string hop)
    {
        MustShow($"`{predicate}`");
        HopPattern.TryParse(predicate, out var pattern).Should().BeTrue();
        HopPattern.TryParse(hop, out var place).Should().BeTrue();
        pattern.Matches(new PathHop(place.IsdAs, place.In, place.Out)).Should().BeTrue();
    }

    [Theory]
    [InlineData("1#3")]
    [InlineData("1-0#3")]
    public void Predicate_is_refused(string predicate)
    {
        MustShow($"`{predicate}`");
        HopPattern.TryParse(predicate, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData("- 1-ff00:0:120 + 1 -", "1-1 1>1 1-2", true)]
    [InlineData("- 1-ff00:0:120 + 1 -", "1-1 1>1 1-ff00:0:120", false)]
    [InlineData("- 1-ff00:0:120 + 1 -", Example, false)]
    [InlineData("- 1-ff00:0:120 + 1 -", "1-1", false)]
    public void Acl_allows(string acl, string path, bool isAllowed)
    {
        MustShow($"`{acl}`");
        AclPolicy.Parse(acl).Allows(PolicyPaths.Of(path)).Should().Be(isAllowed);
    }

    [Theory]
    [InlineData("+ 1-2#3 + 1-1 + 2 -")]
    [InlineData("- 1-2#3,9 +")]
    public void Acl_dialects_differ(string list)
    {
        MustShow($"`{list}`", $"`{Example}`");
        AclPolicy.Parse(list).Allows(Path).Should().BeTrue();
        InterfaceAclPolicy.Parse(EntriesOf(list)).Allows(Path).Should().BeFalse();
    }

    [Fact]
    public void Acl_per_interface_allows_transit_with_the_other_side_open()
    {
        MustShow("`+ 1-2#3,0`");
        InterfaceAclPolicy.Parse("+ 1-2#3,0", "+ 1-1", "+ 2", "-").Allows(Path).Should().BeTrue();
    }

    [Theory]
    [InlineData("0*", Example, true)]
    [InlineData("0 0 0", Example, true)]
    [InlineData("0 0 0", "1-1 1>1 2-1", false)]
    [InlineData("1+ 2+", Example, true)]
    [InlineData("1+ 2+", "1-1 1>1 3-1 2>2 2-1", false)]
    [InlineData("0* 1-2#3,4 0*", Example, true)]
    [InlineData("0* 1-2#3,4 0*", "1-1 9>4 1-2 3>5 2-1", false)]
    [InlineData("0 1-2|1-3 0", Example, true)]
    [InlineData("0 1-2|1-3 0", "1-1 9>3 1-4 4>5 2-1", false)]
    [InlineData("1-1#9 1-2|(1-3 1-4) 0", "1-1 9>1 1-3 2>1 1-4 2>1 2-1", true)]
    [InlineData("1-1#9 1-2|(1-3 1-4) 0", Example, true)]
    [InlineData("1-1#9 1-2|(1-3 1-4) 0", "1-1 9>1 1-2 2>1 1-4 2>1 2-1", false)]
    public void Sequence_allows(string sequence, string path, bool isAllowed)
    {
        MustShow($"`{sequence.Replace("|", "\\|", StringComparison.Ordinal)}`");
        SequencePolicy.Parse(sequence).Allows(PolicyPaths.Of(path)).Should().Be(isAllowed);
    }

    [Theory]
    [InlineData("1-FF00:0:0110")]
    public void Sequence_is_refused(string sequence)
    {
        MustShow($"`{sequence}`");
        SequencePolicy.TryParse(sequence, out _, out _).Should().BeFalse();
    }

    [Theory]
    [InlineData(Example, true)]
    [InlineData("1-1 1>1 2-1", true)] // By the lighter option, since no path through 1-2 is given.
    [InlineData("1-1 1>1 1-3 2>2 2-1", false)]
    [InlineData("1-1 1>7 1-2 2>2 2-1", false)]
    [InlineData("1-2 1>1 2-1", false)]
    [InlineData("1-1 1>1 2-9", false)]
    [InlineData("1-1 1>1 1-4 2>1 1-5 2>1 1-6 2>1 2-1", false)]
    public void Json_allows(string path, bool isAllowed)
    {
        var texts = JsonFence().Matches(Document).Select(match => match.Groups["json"].Value).ToArray();
        texts.Should().HaveCount(2);
        PathPolicies.Json(texts[0], texts[1]).Allows(PolicyPaths.Of(path)).Should().Be(isAllowed);
    }

    [Fact]
    public void Composition_orders_by_latency_then_hops()
    {
        var policy = Shown(
            PathPolicies.Acl("- 1-ff00:0:120 +").Then(PathPolicies.FewestHops()).Then(PathPolicies.LowestLatency()));
        var quick = TestPaths.Through(["1-2", "1-3"]).WithMetadata(new() { Latencies = [TimeSpan.FromSeconds(1)] });
        var (longer, shorter) = (TestPaths.Through(["1-4", "1-5"]), TestPaths.Via("1-4"));

        policy.Apply([longer, TestPaths.Via("1-ff00:0:120"), shorter, quick]).Should().Equal(quick, shorter, longer);
    }

    [Fact]
    public void Policies_explain()
    {
        MustSay(Shown(PathPolicies.Acl("- 1-2 +")));
        MustSay(Shown(PathPolicies.InterfaceAcl("- 1-2#4", "+")));
        MustSay(Shown(PathPolicies.Sequence("0 1-3 0")));
        MustSay(Shown(PathPolicies.LargestMtu()));

        static void MustSay(IPathPolicy policy) => MustShow($"`{policy.Explain(Path).Why}`");
    }

    /// <summary>The value of an expression that the document shows, too.</summary>
    private static T Shown<T>(T value, [CallerArgumentExpression(nameof(value))] string? expression = null)
    {
        MustShow(expression!);
        return value;
    }

    private static void MustShow(params string[] samples) => samples.Should().OnlyContain(
        sample => Document.Contains(sample, StringComparison.Ordinal), "docs/policies.md shows it");

    /// <summary>Puts each sign and what follows it into an entry of its own.</summary>
    private static string[] EntriesOf(string list) => [.. Sign().Split(list)];

    private static string Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "MqttScion.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"No MqttScion.sln above {folder}.");
        }
        var file = System.IO.Path.Combine(folder.FullName, "docs", "policies.md");
        return File.ReadAllText(file).ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"^```json\n(?<json>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex JsonFence();

    [GeneratedRegex(" (?=[+-])")]
    private static partial Regex Sign();
}
