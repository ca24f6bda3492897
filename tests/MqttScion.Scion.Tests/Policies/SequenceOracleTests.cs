using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace MqttScion.Scion.Tests;

/// <summary>The matcher against a regular expression over the printed hops, as scionproto matches.</summary>
public sealed class SequenceOracleTests
{
    private const string If = "[0-9]+";
    private const string Hop = "[0-9]+-[0-9]+#[0-9]+,[0-9]+ ";

    private static readonly (string Hop, string Regex)[] Hops =
    [
        ("0", Hop), ("1", $"1-{If}#{If},{If} "), ("1-1", $"1-1#{If},{If} "), ("0-2", $"{If}-2#{If},{If} "),
        ("1-2#1", $"1-2#(1,{If}|{If},1) "), ("1-2#1,2", "1-2#1,2 "), ("1-2#0,2", $"1-2#{If},2 "),
        ("2-0#0", $"2-{If}#{If},{If} "),
    ];

    private static readonly Gen<(string Text, string Regex)> Sequences = SequenceOf(depth: 4);

    private static readonly Gen<PathInterface> Interfaces =
        from isd in Gen.Choose(1, 2)
        from asNumber in Gen.Choose(1, 2)
        from id in Gen.Choose(1, 2)
        select new PathInterface(new IsdAs((ushort)isd, (ulong)asNumber), (ushort)id);

    [Fact]
    public void Automaton_matches_what_the_regular_expression_matches()
    {
        var matches = 0;
        var cases = from sequence in Sequences from path in PathOf() select (sequence, path);
        Prop.ForAll(cases.ToArbitrary(), each =>
        {
            var ((text, regex), path) = each;
            var hops = path.IsLocal ? "" : string.Concat(path.Hops.Select(hop => $"{hop} "));
            var isMatch = Regex.IsMatch(hops, $@"\A{regex}\z", RegexOptions.NonBacktracking);
            matches += isMatch ? 1 : 0;
            return SequencePolicy.Parse(text).Allows(path) == isMatch;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
        matches.Should().BeInRange(100, 900, "both outcomes must occur");
    }

    private static Gen<(string Text, string Regex)> SequenceOf(int depth)
    {
        var hop = Gen.Elements(Hops);
        if (depth == 0)
        {
            return hop;
        }
        var part = SequenceOf(depth - 1);
        var two = from left in part from right in part select (left, right);
        return Gen.OneOf(
            hop,
            from it in two select ($"({it.left.Text}) {it.right.Text}", $"(?:{it.left.Regex})(?:{it.right.Regex})"),
            from it in two
            select ($"({it.left.Text})|({it.right.Text})", $"(?:(?:{it.left.Regex})|(?:{it.right.Regex}))"),
            from it in part
            from sign in Gen.Elements("?", "+", "*")
            select ($"({it.Text}){sign}", $"(?:{it.Regex}){sign}"));
    }

    private static Gen<ScionPath> PathOf() =>
        from links in Gen.Choose(0, 4)
        from interfaces in Interfaces.ListOf(2 * links)
        select links == 0
            ? PolicyPaths.Of("1-1")
            : new ScionPath(default, Joined([.. interfaces]), 1400, default, nextHop: null);

    /// <summary>Lets each AS be left where it was entered.</summary>
    private static PathInterface[] Joined(PathInterface[] interfaces)
    {
        for (var i = 2; i < interfaces.Length; i += 2)
        {
            interfaces[i] = interfaces[i] with { IsdAs = interfaces[i - 1].IsdAs };
        }
        return interfaces;
    }
}
