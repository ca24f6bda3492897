namespace MqttScion.Scion.Tests;

public sealed class PathPolicyTests
{
    private static readonly ScionPath Long = TestPaths.Through(["1-2", "1-3"]);
    private static readonly ScionPath Short = TestPaths.Through(["1-ff00:0:120"]);

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

    [Fact]
    public void FewestHops_puts_the_short_path_first() =>
        PathPolicies.FewestHops().Apply([Long, Short]).Should().Equal(Short, Long);

    [Fact]
    public void Avoid_denies_paths_through_the_AS() =>
        PathPolicies.Avoid("1-ff00:0:120").Apply([Long, Short]).Should().Equal(Long);

    [Fact]
    public void Avoid_interface_denies_only_paths_over_it() =>
        PathPolicies.Avoid("1-2#7", "1-ff00:0:120#2").Apply([Long, Short]).Should().Equal(Long);

    [Fact]
    public void Avoid_text_of_another_form_is_refused()
    {
        var make = () => PathPolicies.Avoid("one");
        make.Should().Throw<FormatException>();
    }

    [Fact]
    public void Then_applies_both() =>
        PathPolicies.FewestHops().Then(PathPolicies.Avoid("1-9")).Apply([Long, Short, TestPaths.Via("1-9")])
            .Should().Equal(Short, Long);
}
