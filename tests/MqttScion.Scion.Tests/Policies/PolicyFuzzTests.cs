using FsCheck;
using FsCheck.Fluent;

namespace MqttScion.Scion.Tests;

public sealed class PolicyFuzzTests
{
    private static readonly string[] Tokens =
    [
        "+", "-", " ", "  ", "0", "1", "2", "1-2", "0-0#0", "1-2#1", "1-2#1,2", "1-ff00:0:120", "#", ",", ":", "?",
        "*", "|", "(", ")", "\n", "\0", "\ud800", "é", "65536", "{", "}", "[", "]", "\"acl\"", "\"sequence\"",
        "\"options\"", "\"policy\"", "\"weight\"", "\"extends\"", "\"a\"", "\"+\"", "\"\\ud800\"", "true", "null",
    ];

    private static readonly string[] ValidJson =
    [
        """{"extends":["a"],"acl":["- 1-2#1","+"],"sequence":"0* 1-2 0+","local_isd_ases":["1-1"]}""",
        """{"remote_isd_ases":[{"isd_as":"2-0","reject":true},{"isd_as":"0-0"}],"sequence":""}""",
        """{"options":[{"weight":1,"policy":{"acl":["+"]}},{"weight":2,"policy":{"sequence":"0 1-2 0"}}]}""",
    ];

    private static readonly ScionPath[] Paths =
        [TestPaths.Via("1-2"), TestPaths.Through(["1-ff00:0:120", "1-2"]), PolicyPaths.Of("1-1")];

    private static readonly Arbitrary<string> Texts = Gen.OneOf(
        ArbMap.Default.GeneratorFor<string>().Where(text => text is not null),
        Gen.Elements(Tokens).ListOf().Select(string.Concat),
        Gen.Elements("0", "1", "1-2", "1-2#1,2", "(", ")", "|", "*", "+", "?", " ").ListOf().Select(string.Concat),
        Gen.Elements("+ 1-2 ", "- 0-2#1 ", "+ 1 ", "+ 0", "-", "+").ListOf().Select(string.Concat),
        from json in Gen.Elements(ValidJson)
        from at in Gen.Choose(0, json.Length - 1)
        from length in Gen.Choose(0, 8)
        from token in Gen.Elements(Tokens)
        select json[..at] + token + json[Math.Min(json.Length, at + length)..]).ToArbitrary();

    [Fact]
    public void Acl_parses_or_says_why_not() =>
        ForAllTexts(text => (AclPolicy.TryParse(text, out var policy, out var error), policy, error), AclPolicy.Parse);

    [Fact]
    public void Interface_acl_parses_or_says_why_not() =>
        ForAllTexts(
            text => (InterfaceAclPolicy.TryParse(text.Split('\n'), out var policy, out var error), policy, error),
            text => InterfaceAclPolicy.Parse(text.Split('\n')));

    [Fact]
    public void Sequence_parses_or_says_why_not() =>
        ForAllTexts(
            text => (SequencePolicy.TryParse(text, out var policy, out var error), policy, error),
            SequencePolicy.Parse);

    [Fact]
    public void Json_parses_or_says_why_not() =>
        ForAllTexts(
            text => (JsonPathPolicy.TryParse(text, """{"a":{}}""", out var policy, out var error), policy, error),
            text => JsonPathPolicy.Parse(text, """{"a":{}}"""));

    [Fact]
    public void Named_policies_parse_or_say_why_not() =>
        ForAllTexts(
            text => (JsonPathPolicy.TryParse("{}", text, out var policy, out var error), policy, error),
            text => JsonPathPolicy.Parse("{}", text));

    [Fact]
    public void Pattern_parses_to_what_prints_and_parses_again() =>
        Prop.ForAll(Texts, text => !HopPattern.TryParse(text, out var pattern)
            || (HopPattern.TryParse(pattern.ToString(), out var again) && again == pattern))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Missing_text_is_refused_or_empty()
    {
        AclPolicy.TryParse(null, out _, out _).Should().BeFalse();
        JsonPathPolicy.TryParse(null, out _, out _).Should().BeFalse();
        SequencePolicy.TryParse(null, out var sequence, out _).Should().BeTrue();
        sequence!.ToString().Should().BeEmpty();
    }

    private static void ForAllTexts(
        Func<string, (bool IsParsed, IPathPolicy? Policy, string? Error)> tryParse, Func<string, IPathPolicy> parse) =>
        Prop.ForAll(Texts, text =>
        {
            var (isParsed, policy, error) = tryParse(text);
            isParsed.Should().Be(policy is not null).And.Be(error is null);
            error?.Should().NotBeEmpty().And.NotMatchRegex(@"\p{Cc}");
            try
            {
                parse(text);
                isParsed.Should().BeTrue();
            }
            catch (FormatException e)
            {
                isParsed.Should().BeFalse();
                e.Message.Should().Contain(error);
            }
            foreach (var path in policy is null ? [] : Paths)
            {
                policy!.Allows(path);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
