namespace MqttScion.Scion.Tests;

public sealed class AclPolicyTests
{
    [Theory]
    [InlineData("+", true)]
    [InlineData("-", false)]
    [InlineData("+ 0", true)]
    [InlineData("- 0-0#0", false)]
    [InlineData("- 1-2 +", false)]
    [InlineData("- 1-4 +", true)]
    [InlineData("+ 1 -", false)] // 2-1 is not of ISD 1.
    [InlineData("+ 1 + 2 -", true)]
    [InlineData("+ 1-1 + 1-2 + 2-0 -", true)]
    [InlineData("+ 0-1 + 0-2 -", true)]
    [InlineData("- 1-2#1 +", false)]
    [InlineData("- 1-2#2 +", false)]
    [InlineData("- 1-2#3 +", true)]
    [InlineData("- 1-2#1,2 +", false)]
    [InlineData("- 1-2#2,1 +", true)]
    [InlineData("- 1-2#0,2 +", false)]
    [InlineData("- 1-1#1 +", true)] // The source has no entry.
    [InlineData("+ 1-2 - 1-2 +", true)] // The first match decides.
    public void Acl_decides_per_AS_in_order_of_entries(string acl, bool isAllowed) =>
        AclPolicy.Parse(acl).Apply([TestPaths.Via("1-2")]).Should().HaveCount(isAllowed ? 1 : 0);

    [Theory]
    [InlineData("+", true)]
    [InlineData("+ 1-1 -", false)]
    public void Acl_path_inside_one_AS_follows_the_default(string acl, bool isAllowed)
    {
        var path = ScionPath.SameAs(IsdAs.Parse("1-1"), 1472, default);
        AclPolicy.Parse(acl).Apply([path]).Should().HaveCount(isAllowed ? 1 : 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("+ 1-1")]
    [InlineData("1-1 +")]
    [InlineData("+1-1 -")]
    [InlineData("+ + -")]
    [InlineData("+ 1-1#x -")]
    [InlineData("+ 1-1#1,2,3 -")]
    [InlineData("+ 1-1#65536 -")]
    [InlineData("+ 1#3 -")]
    [InlineData("+ 1#0 -")]
    [InlineData("+ 1-0#3 -")]
    [InlineData("+ 65536 -")]
    [InlineData("+ 1-ff00:0 -")]
    [InlineData("* 1-1 -")]
    public void Acl_text_of_another_form_is_refused(string acl)
    {
        AclPolicy.TryParse(acl, out _, out var error).Should().BeFalse();
        error.Should().NotBeNullOrEmpty();
        var parse = () => AclPolicy.Parse(acl);
        parse.Should().Throw<FormatException>();
    }

    [Theory]
    [InlineData("- 1-2 +", "denied by \"- 1-2\" at 1-2#1,2")]
    [InlineData("- 1-002#0 +", "denied by \"- 1-2\" at 1-2#1,2")]
    [InlineData("- 1-2#1,0 +", "denied by \"- 1-2#1,0\" at 1-2#1,2")]
    [InlineData("+ 1 -", "denied by \"-\" at 2-1#1,0")]
    [InlineData("+ 1 - 0", "denied by \"-\" at 2-1#1,0")]
    [InlineData("- 1-9 + 1 +", "allowed by \"+ 1\", \"+\"")]
    [InlineData("+", "allowed by \"+\"")]
    public void Acl_explains_which_entry_decides(string acl, string why) =>
        AclPolicy.Parse(acl).Explain(TestPaths.Via("1-2"))
            .Should().Be(new PathVerdict(why.StartsWith("allowed", StringComparison.Ordinal), why));

    [Fact]
    public void Acl_explains_that_the_default_decides_inside_one_AS() =>
        AclPolicy.Parse("+ 1-1 -").Explain(ScionPath.SameAs(IsdAs.Parse("1-1"), 1472, default)).Should().Be(
            new PathVerdict(IsAllowed: false, "denied by the default \"-\": the path stays inside 1-1"));

    [Fact]
    public void Acl_prints_its_shortest_form() =>
        AclPolicy.Parse(" - 1-002#0  + 1-0 \t- 0-0#0").ToString().Should().Be("- 1-2 + 1 -");

    [Fact]
    public void Acl_of_too_many_entries_is_refused() =>
        AclPolicy.TryParse(string.Concat(Enumerable.Repeat("+ 1-2 ", 1001)) + "-", out _, out var error)
            .Should().BeFalse($"it has {error}");
}
