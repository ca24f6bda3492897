namespace MqttScion.Scion.Tests;

public sealed class SequencePolicyTests
{
    private const string Two = "2-ff00:0:212 1>2 2-ff00:0:211";
    private const string Three = "1-ff00:0:133 1019>1910 1-ff00:0:132 1916>1619 1-ff00:0:131";
    private const string Five = "1-ff00:0:122 1815>1518 1-ff00:0:121 1530>3015 1-ff00:0:120 3122>2231 "
        + "2-ff00:0:220 2224>2422 2-ff00:0:221";

    [Theory]
    [InlineData("0-0#0", Two, false)]
    [InlineData("0-0#0 0-0#0", Two, true)]
    [InlineData("0-0#0 0-0#0 0-0#0", Two, false)]
    [InlineData("0*", Two, true)]
    [InlineData("0 0 0*", Two, true)]
    [InlineData("0+", Two, true)]
    [InlineData("0 0 0+", Two, false)]
    [InlineData("0 0 0?", Two, true)]
    [InlineData("0 0?", Two, true)]
    [InlineData("0?", Two, false)]
    [InlineData("0 0 0", Three, true)]
    [InlineData("0 0", Three, false)]
    [InlineData("0 0 0 ?  ", Three, true)] // The operator binds to the hop before it.
    [InlineData("(0 0)?", Three, false)]
    [InlineData("(0 0)? 0", Three, true)]
    [InlineData("(0 0)+ 0?", Five, true)]
    [InlineData("1-ff00:0:133#1019 1-ff00:0:132 1-ff00:0:131#1619", Three, true)]
    [InlineData("0 1-ff00:0:132#1910,1916 0", Three, true)]
    [InlineData("0 1-ff00:0:132#0,1916 0", Three, true)]
    [InlineData("0 1-ff00:0:132#0,1910 0", Three, false)]
    [InlineData("0 1-ff00:0:132#1910,0 0", Three, true)]
    [InlineData("0 1-ff00:0:132#1916,0 0", Three, false)]
    [InlineData("0 1-ff00:0:132#1910 0", Three, true)]
    [InlineData("0 1-ff00:0:132#1916 0", Three, true)]
    [InlineData("0 1-ff00:0:132#1917 0", Three, false)]
    [InlineData("0 0-ff00:0:132#1916 0", Three, true)]
    [InlineData("1-ff00:0:133#0,1019 0 1-ff00:0:131#1619,0", Three, true)]
    [InlineData("1-ff00:0:133#1019,0 0 0", Three, false)] // The source is entered by no interface.
    [InlineData("0 (1-ff00:0:132 | 2-ff00:0:210) 0", Three, true)]
    [InlineData("0 (2-ff00:0:210 |64-12345) 0", Three, false)]
    [InlineData("0 1-ff00:0:132|64-12345 0", Three, true)] // | binds closer than concatenation.
    [InlineData("0 64-12345|1-ff00:0:132* 0", Three, true)] // * binds closer than |.
    [InlineData("0 (64-12345|1-ff00:0:132)* 0", Three, true)]
    [InlineData("0|1|2 0|1 0", Three, true)]
    [InlineData("0(0)0", Three, true)]
    [InlineData("0\t\r\n0  0", Three, true)]
    [InlineData("1 1 1", Three, true)]
    [InlineData("1+", Three, true)]
    [InlineData("1+", Five, false)]
    [InlineData("1+ 2+", Five, true)]
    [InlineData("2+ 1+", Five, false)]
    [InlineData("1* 1-ff00:0:120#3015,3122 2*", Five, true)]
    [InlineData("1* 1-ff00:0:120#3122,3015 2*", Five, false)]
    [InlineData("0*?+ 2-ff00:0:221#2422", Five, true)]
    [InlineData("((((0*)*)+)?)*", Five, true)]
    [InlineData("", Five, true)]
    [InlineData("", "1-1", true)]
    [InlineData("0-0#0", "1-1", false)] // A path inside one AS has no hops.
    [InlineData("1-1", "1-1", false)]
    [InlineData("0+", "1-1", false)]
    [InlineData("0*", "1-1", true)]
    [InlineData("0* 0?", "1-1", true)]
    [InlineData("1-ff00:0:110#1,2*", "1-1", true)]
    public void Sequence_must_fit_all_hops(string sequence, string path, bool isAllowed) =>
        SequencePolicy.Parse(sequence).Allows(PolicyPaths.Of(path)).Should().Be(isAllowed);

    [Theory]
    [InlineData(" ", "at character 2, the text ends where a hop or ( is expected")]
    [InlineData("()", "at character 2, ')' came where a hop or ( is expected")]
    [InlineData("*", "at character 1, '*' came where a hop or ( is expected")]
    [InlineData("0 | | 0", "at character 5, '|' came where a hop or ( is expected")]
    [InlineData("0 |", "at character 4, the text ends where a hop or ( is expected")]
    [InlineData("(0", "at character 3, the text ends where a hop, an operator or ) is expected")]
    [InlineData("0)", "at character 2, ')' came where a hop, an operator or the end is expected")]
    [InlineData("0 . 0", "at character 3, '.' came where a hop or ( is expected")]
    [InlineData("0 \u0001", "at character 3, ' ' came where a hop or ( is expected")]
    [InlineData("0-0-0#0", "at character 1, '0-0-0#0' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT")]
    [InlineData("0#0#0", "at character 1, '0#0#0' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT")]
    [InlineData("0 1#0", "at character 3, '1#0' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT")]
    [InlineData("0 1-0#3", "at character 3, '1-0#3' is no ISD, ISD-AS, ISD-AS#IF or ISD-AS#IN,OUT")]
    [InlineData("1-ff00:0:0110", "at character 1, '1-ff00:0:0110' must be written 1-ff00:0:110")]
    [InlineData("0 1-FF00:0:110#1", "at character 3, '1-FF00:0:110#1' must be written 1-ff00:0:110#1")]
    [InlineData("1-0:0:5", "at character 1, '1-0:0:5' must be written 1-5")]
    [InlineData("01", "at character 1, '01' must be written 1")]
    [InlineData("1-2#03,4", "at character 1, '1-2#03,4' must be written 1-2#3,4")]
    public void Sequence_of_another_form_is_refused_with_the_place(string sequence, string expected)
    {
        SequencePolicy.TryParse(sequence, out _, out var error).Should().BeFalse();
        error.Should().Be(expected);
        var parse = () => SequencePolicy.Parse(sequence);
        parse.Should().Throw<FormatException>().WithMessage($"*{expected}.");
    }

    [Fact]
    public void Sequence_may_have_4096_characters() =>
        SequencePolicy.Parse(string.Concat(Enumerable.Repeat("0*", 2048))).Allows(PolicyPaths.Of(Five))
            .Should().BeTrue();

    [Fact]
    public void Sequence_longer_than_4096_characters_is_refused()
    {
        SequencePolicy.TryParse(new string('0', 4097), out _, out var error).Should().BeFalse();
        error.Should().Be("it has 4097 characters; at most 4096 are expected");
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    [InlineData(2000, false)]
    public void Parentheses_nest_100_deep(int depth, bool isValid)
    {
        var text = new string('(', depth) + "0" + new string(')', depth);
        SequencePolicy.TryParse(text, out _, out var error).Should().Be(isValid, error);
    }

    [Fact]
    public void Parentheses_side_by_side_are_not_nested() =>
        SequencePolicy.TryParse(string.Concat(Enumerable.Repeat("(0)", 1000)), out _, out _).Should().BeTrue();

    [Fact(Timeout = 5000)] // A pass takes milliseconds; trying the combinations would not end.
    public Task Sequence_that_would_backtrack_is_matched_in_one_pass() => Task.Run(() =>
    {
        var isdAses = Enumerable.Range(2, 62).Select(i => $"1-{i}").ToArray();
        var path = TestPaths.Through(isdAses);
        var nested = string.Concat(Enumerable.Repeat("(", 60)) + "0" + string.Concat(Enumerable.Repeat("+)*", 60));
        var optional = string.Concat(Enumerable.Repeat("0? ", 600)) + string.Concat(Enumerable.Repeat("0 ", 600));

        SequencePolicy.Parse(nested + " 9-9").Allows(path).Should().BeFalse();
        SequencePolicy.Parse(optional).Allows(path).Should().BeFalse();
    });

    [Theory]
    [InlineData("1+ 2", Two, "denied: no hop fits; then comes 2-ff00:0:212#0,1 where \"1\" is expected")]
    [InlineData(
        "1-ff00:0:133 1-ff00:0:132#7 0", Three,
        "denied: fits up to 1-ff00:0:133#0,1019 (hop 1); then comes 1-ff00:0:132#1910,1916 where "
        + "\"1-ff00:0:132#7\" is expected")]
    [InlineData(
        "0 1-9|1-8 0", Three,
        "denied: fits up to 1-ff00:0:133#0,1019 (hop 1); then comes 1-ff00:0:132#1910,1916 where "
        + "\"1-9\" or \"1-8\" is expected")]
    [InlineData(
        "0 0 0 0", Three,
        "denied: fits up to 1-ff00:0:131#1619,0 (hop 3); then the path ends where \"0\" is expected")]
    [InlineData(
        "0 0", Three,
        "denied: fits up to 1-ff00:0:132#1910,1916 (hop 2); then comes 1-ff00:0:131#1619,0 where the end is expected")]
    [InlineData(
        "0 0 2*", Three,
        "denied: fits up to 1-ff00:0:132#1910,1916 (hop 2); then comes 1-ff00:0:131#1619,0 where "
        + "\"2\" or the end is expected")]
    [InlineData(
        "2|3|4|5|6", Two,
        "denied: fits up to 2-ff00:0:212#0,1 (hop 1); then comes 2-ff00:0:211#2,0 where the end is expected")]
    [InlineData(
        "3|4|5|6|7", Two,
        "denied: no hop fits; then comes 2-ff00:0:212#0,1 where "
        + "\"3\" or \"4\" or \"5\" or \"6\" or others is expected")]
    [InlineData("1-1", "1-1", "denied: no hop fits; then the path ends where \"1-1\" is expected")]
    [InlineData("0 \n 0", Two, "allowed by \"0   0\"")]
    [InlineData("", Two, "allowed: the sequence is empty")]
    public void Sequence_explains_how_far_the_path_fits(string sequence, string path, string why) =>
        SequencePolicy.Parse(sequence).Explain(PolicyPaths.Of(path)).Why.Should().Be(why);

    [Fact]
    public void Sequence_prints_its_text() => SequencePolicy.Parse("0 (1|2)+").ToString().Should().Be("0 (1|2)+");
}
