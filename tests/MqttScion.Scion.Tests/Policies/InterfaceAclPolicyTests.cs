namespace MqttScion.Scion.Tests;

public sealed class InterfaceAclPolicyTests
{
    // 1-2 is entered by 3 and left by 4.
    private static readonly ScionPath Path = PolicyPaths.Of("1-1 9>3 1-2 4>5 2-1");

    [Theory]
    [InlineData(true)]
    [InlineData(true, "+")]
    [InlineData(false, "-")]
    [InlineData(false, "- 0")]
    [InlineData(true, "+ 0-0#0")]
    [InlineData(true, "+ 0-0#0,0")]
    [InlineData(false, "+ 1", "-")]
    [InlineData(true, "+ 1", "+ 2-0", "-")]
    [InlineData(true, "+ 1", "+ 2-1#5", "-")]
    [InlineData(false, "+ 1-2#3", "+ 1-1", "+ 2", "-")] // The exit of 1-2 matches no entry.
    [InlineData(true, "+ 1-2#3", "+ 1-2#4", "+ 1-1", "+ 2", "-")]
    [InlineData(true, "+ 1-2#3,4", "+ 1-1", "+ 2", "-")]
    [InlineData(false, "+ 1-2#4,3", "+ 1-1", "+ 2", "-")]
    [InlineData(true, "+ 1-2#3,0", "+ 1-1", "+ 2", "-")]
    [InlineData(false, "- 1-2#3", "+")]
    [InlineData(false, "- 1-2#4", "+")]
    [InlineData(true, "- 1-2#9", "+")]
    [InlineData(false, "- 1-2#3,9", "+")] // Each side is compared alone: the entry matches.
    [InlineData(true, "- 1-2#4,3", "+")]
    [InlineData(false, "- 1-1#0,9", "+")] // The source has an exit only.
    [InlineData(true, "- 1-1#9,1", "+")]
    [InlineData(false, "- 2-1#5,1", "+")] // The destination has an entry only.
    [InlineData(true, "- 2-1#1,5", "+")]
    [InlineData(true, "+ 1-2", "- 1-2", "+")]
    [InlineData(false, "- 1", "+ 1-2", "+")]
    [InlineData(true, "- 0-3", "+")]
    [InlineData(false, "- 0-2", "+")]
    public void Acl_decides_per_interface_in_order_of_entries(bool isAllowed, params string[] entries) =>
        InterfaceAclPolicy.Parse(entries).Allows(Path).Should().Be(isAllowed);

    [Theory]
    [InlineData("-")]
    [InlineData("- 1-1", "-")]
    public void Acl_allows_a_path_inside_one_AS(params string[] entries) =>
        InterfaceAclPolicy.Parse(entries).Allows(PolicyPaths.Of("1-1")).Should().BeTrue();

    [Theory]
    [InlineData("entry 1, '+ 42': the last entry must match everything, such as + or -", "+ 42")]
    [InlineData("entry 1, '-': it matches everything, so that no entry after it can decide", "-", "+ 27")]
    [InlineData(
        "entry 2, '-': it matches everything, so that no entry after it can decide", "+ 42", "-", "+ 27", "- 30")]
    [InlineData("entry 1, '+ 0': it matches everything, so that no entry after it can decide", "+ 0", "-")]
    [InlineData("entry 1, '* 0': it must begin with + or -, alone or with one space and a predicate", "* 0")]
    [InlineData("entry 1, '+1': it must begin with + or -, alone or with one space and a predicate", "+1", "-")]
    [InlineData("entry 1, ' +': it must begin with + or -, alone or with one space and a predicate", " +")]
    [InlineData("entry 1, '': it must begin with + or -, alone or with one space and a predicate", "")]
    [InlineData("entry 1, '+ 0 0': '0 0' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT", "+ 0 0")]
    [InlineData("entry 1, '+  1': ' 1' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT", "+  1", "-")]
    [InlineData("entry 1, '+ ': '' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT", "+ ")]
    [InlineData("entry 2, '- 1#3': '1#3' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT", "+ 1-2", "- 1#3", "-")]
    [InlineData("entry 1, '+ 1-0#3': '1-0#3' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT", "+ 1-0#3", "-")]
    [InlineData("entry 1, '- 1-2#x': '1-2#x' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT", "- 1-2#x", "-")]
    public void Acl_of_another_form_is_refused(string expected, params string[] entries)
    {
        InterfaceAclPolicy.TryParse(entries, out _, out var error).Should().BeFalse();
        error.Should().Be(expected);
        var parse = () => InterfaceAclPolicy.Parse(entries);
        parse.Should().Throw<FormatException>().WithMessage($"*{expected}.");
    }

    [Fact]
    public void Acl_of_too_many_entries_is_refused()
    {
        InterfaceAclPolicy.TryParse([.. Enumerable.Repeat("+ 1-2", 1000), "-"], out _, out var error)
            .Should().BeFalse();
        error.Should().Be("it has more than 1000 entries");
        InterfaceAclPolicy.TryParse(null, out _, out error).Should().BeFalse();
        error.Should().Be("there is none");
    }

    [Theory]
    [InlineData("denied by \"- 1-2\" at 1-2#3 (ingress)", "- 1-2", "+")]
    [InlineData("denied by \"- 1-2#0,4\" at 1-2#3 (ingress)", "- 1-2#0,4", "+")]
    [InlineData("denied by \"-\" at 1-2#4 (egress)", "+ 1-2#3", "+ 1-1", "+ 2", "-")]
    [InlineData("allowed by \"+ 1\", \"+\"", "+ 1", "+")]
    [InlineData("allowed: the list is empty")]
    public void Acl_explains_which_entry_decides(string why, params string[] entries) =>
        InterfaceAclPolicy.Parse(entries).Explain(Path).Why.Should().Be(why);

    [Fact]
    public void Acl_explains_that_no_interface_is_crossed() =>
        InterfaceAclPolicy.Parse("-").Explain(PolicyPaths.Of("1-1")).Why
            .Should().Be("allowed: the path stays inside 1-1");

    [Fact]
    public void Acl_prints_its_shortest_form() =>
        InterfaceAclPolicy.Parse("- 1-002#0", "+ 1-0", "- 0-0#0").ToString().Should().Be("- 1-2, + 1, -");
}
