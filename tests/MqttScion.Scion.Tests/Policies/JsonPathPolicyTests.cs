using System.Globalization;
using System.Text;

namespace MqttScion.Scion.Tests;

public sealed class JsonPathPolicyTests
{
    private static readonly ScionPath ViaTwo = PolicyPaths.Of("1-1 1>1 1-2 2>1 2-1");
    private static readonly ScionPath ViaThree = PolicyPaths.Of("1-1 2>1 1-3 2>2 2-1");
    private static readonly ScionPath Direct = PolicyPaths.Of("1-1 3>3 2-1");
    private static readonly ScionPath Local = PolicyPaths.Of("1-1");
    private static readonly ScionPath[] All = [ViaTwo, ViaThree, Direct, Local];

    [Theory]
    [InlineData("{}", "2 3 D L")]
    [InlineData("""{"acl": []}""", "2 3 D L")]
    [InlineData("""{"acl": ["- 1-2", "+"]}""", "3 D L")]
    [InlineData("""{"sequence": "0 0 0"}""", "2 3")]
    [InlineData("""{"sequence": ""}""", "2 3 D L")]
    [InlineData("""{"sequence": "0*", "acl": ["- 1-3", "+"]}""", "2 D L")]
    [InlineData("""{"local_isd_ases": ["1-1"]}""", "2 3 D")]
    [InlineData("""{"local_isd_ases": ["1-9", "1-1"]}""", "2 3 D")]
    [InlineData("""{"local_isd_ases": ["1-9"]}""", "")]
    [InlineData("""{"local_isd_ases": []}""", "")]
    [InlineData("""{"remote_isd_ases": []}""", "")]
    [InlineData("""{"remote_isd_ases": [{}]}""", "2 3 D")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "0-0"}]}""", "2 3 D")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "2-0"}]}""", "2 3 D")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "0-1"}]}""", "2 3 D")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "1-0"}]}""", "")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "1-0", "reject": true}, {"isd_as": "0-0"}]}""", "2 3 D")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "2-1", "reject": true}, {"isd_as": "0-0"}]}""", "")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "2-1", "reject": false}]}""", "2 3 D")]
    public void Each_member_filters(string json, string allowed) => AllowedBy(json).Should().Be(allowed);

    [Theory]
    [InlineData("""[{"policy": {}}]""", "2 3 D L")]
    [InlineData("""[{"policy": {"acl": ["-"]}}]""", "L")]
    [InlineData("""[{"policy": {"sequence": "9"}}]""", "")]
    [InlineData("""[{"weight": 0, "policy": {}}, {"weight": 1, "policy": {"sequence": "9"}}]""", "2 3 D L")]
    [InlineData("""[{"weight": 1, "policy": {"sequence": "0 0"}}, {"weight": 0, "policy": {}}]""", "D")]
    [InlineData("""[{"weight": 0, "policy": {}}, {"weight": 1, "policy": {"sequence": "0 0"}}]""", "D")]
    [InlineData("""[{"weight": -5, "policy": {}}, {"policy": {"sequence": "0 0"}}]""", "D")]
    [InlineData(
        """[{"weight": 1, "policy": {"sequence": "0 1-3 0"}}, {"weight": 1, "policy": {"sequence": "0 0"}}]""", "3 D")]
    [InlineData(
        """[{"weight": 1, "policy": {"sequence": "0 0"}}, {"weight": 1, "policy": {"sequence": "0 1-2 0"}}]""", "2 D")]
    [InlineData("""[{"policy": {"options": [{"policy": {"sequence": "0 0"}}]}}]""", "D")]
    [InlineData("[]", "2 3 D L")]
    public void Heaviest_options_with_a_result_decide(string options, string allowed) =>
        AllowedBy($$"""{"options": {{options}}}""").Should().Be(allowed);

    [Fact]
    public void Options_choose_among_what_the_rest_allows() =>
        AllowedBy("""
            {
              "sequence": "0 1 0",
              "options": [
                {"weight": 9, "policy": {"sequence": "0 0"}},
                {"weight": 1, "policy": {"acl": ["- 1-2", "+"]}}
              ]
            }
            """).Should().Be("3");

    [Theory]
    [InlineData("""{"extends": ["a"]}""", """{"a": {"sequence": "0 0"}}""", "D")]
    [InlineData("""{"extends": ["a"], "sequence": "0 0 0"}""", """{"a": {"sequence": "0 0"}}""", "2 3")]
    [InlineData(
        """{"extends": ["a"], "sequence": "0 0 0"}""", """{"a": {"acl": ["- 1-2", "+"], "sequence": "9"}}""", "3")]
    [InlineData(
        """{"extends": ["a", "b", "c"]}""",
        """{"a": {"sequence": "9"}, "b": {"sequence": "8"}, "c": {"sequence": "0 0"}}""", "D")]
    [InlineData(
        """{"extends": ["a", "b"]}""", """{"a": {"acl": ["- 1-3", "+"], "sequence": "9"}, "b": {"sequence": "0*"}}""",
        "2 D L")]
    [InlineData(
        """{"extends": ["a"]}""", """{"a": {"extends": ["b"]}, "b": {"extends": ["c"]}, "c": {"sequence": "0 0"}}""",
        "D")]
    [InlineData(
        """{"extends": ["a"]}""", """{"a": {"extends": ["b"], "sequence": "0 0"}, "b": {"sequence": "9"}}""", "D")]
    [InlineData("""{"extends": ["a"]}""", """{"a": {"options": [{"policy": {"sequence": "0 0"}}]}}""", "D")]
    [InlineData(
        """{"extends": ["a"], "options": []}""", """{"a": {"options": [{"policy": {"sequence": "0 0"}}]}}""", "D")]
    [InlineData("""{"extends": ["a"], "acl": []}""", """{"a": {"acl": ["-"]}}""", "2 3 D L")]
    [InlineData("""{"options": [{"policy": {"extends": ["a"]}}]}""", """{"a": {"sequence": "0 0"}}""", "D")]
    [InlineData(
        """{"extends": ["a"]}""", """{"a": {"local_isd_ases": ["1-1"], "remote_isd_ases": [{"isd_as": "2-1"}]}}""",
        "2 3 D")]
    [InlineData(
        """{"extends": ["b", "c"]}""",
        """{"a": {"sequence": "0 0"}, "b": {"extends": ["a"]}, "c": {"extends": ["a", "b"]}}""", "D")]
    public void Extended_policies_give_what_is_not_set(string json, string named, string allowed) =>
        AllowedBy(json, named).Should().Be(allowed);

    [Theory]
    [InlineData("", "it is no JSON: *")]
    [InlineData("{", "it is no JSON: *")]
    [InlineData("{} {}", "it is no JSON: *")]
    [InlineData("""{"acl": ["+"],}""", "it is no JSON: *")]
    [InlineData("""{"acl": ["+"], "acl": ["-"]}""", "it is no JSON: *acl*")]
    [InlineData("""{"sequence": "\ud800"}""", "it is no JSON: a string holds one half of a surrogate pair")]
    [InlineData("""{"\udc00": 1}""", "it is no JSON: a string holds one half of a surrogate pair")]
    [InlineData("[]", "the policy: an object is expected, an array came")]
    [InlineData("null", "the policy: an object is expected, null came")]
    [InlineData("""{"acls": []}""", "the policy: the key 'acls' is unknown")]
    [InlineData("""{"ACL": []}""", "the policy: the key 'ACL' is unknown")]
    [InlineData("""{"a\u0007b": 1}""", "the policy: the key 'a b' is unknown")]
    [InlineData("""{"acl": "+"}""", "the policy, acl: an array is expected, a string came")]
    [InlineData("""{"acl": null}""", "the policy, acl: an array is expected, null came")]
    [InlineData("""{"acl": [1]}""", "the policy, acl[0]: a string is expected, a number came")]
    [InlineData("""{"acl": ["+ 1"]}""", "the policy, acl: entry 1, '+ 1': the last entry must match everything*")]
    [InlineData("""{"sequence": ["0"]}""", "the policy, sequence: a string is expected, an array came")]
    [InlineData("""{"sequence": "0 ("}""", "the policy, sequence: at character 4, the text ends where *")]
    [InlineData("""{"extends": "a"}""", "the policy, extends: an array is expected, a string came")]
    [InlineData("""{"extends": ["a"]}""", "the policy, extends: there is no policy named 'a'")]
    [InlineData("""{"local_isd_ases": ["1"]}""", "the policy, local_isd_ases: '1' is no ISD-AS")]
    [InlineData("""{"local_isd_ases": ["1-0"]}""", "the policy, local_isd_ases: '1-0' names no AS; *")]
    [InlineData(
        """{"remote_isd_ases": ["1-0"]}""", "the policy, remote_isd_ases[0]: an object is expected, a string came")]
    [InlineData(
        """{"remote_isd_ases": [{}, {"isd_as": "x"}]}""", "the policy, remote_isd_ases[1]: 'x' is no ISD-AS")]
    [InlineData(
        """{"remote_isd_ases": [{"ia": "1-0"}]}""", "the policy, remote_isd_ases[0]: the key 'ia' is unknown")]
    [InlineData(
        """{"remote_isd_ases": [{"reject": 1}]}""",
        "the policy, remote_isd_ases[0], reject: true or false is expected, a number came")]
    [InlineData("""{"options": [{"weight": 1}]}""", "the policy, options[0]: the key 'policy' is missing")]
    [InlineData(
        """{"options": [{"weight": 1.5, "policy": {}}]}""",
        "the policy, options[0], weight: an integer is expected, 1.5 came")]
    [InlineData(
        """{"options": [{"weight": 99999999999999999999, "policy": {}}]}""",
        "the policy, options[0], weight: an integer is expected, 99999999999999999999 came")]
    [InlineData(
        """{"options": [{"policy": {}, "name": 1}]}""", "the policy, options[0]: the key 'name' is unknown")]
    [InlineData(
        """{"options": [{"policy": {"options": [{"policy": {"x": 1}}]}}]}""",
        "the policy, options[0], policy, options[0], policy: the key 'x' is unknown")]
    public void Text_of_another_form_is_refused_with_the_place(string json, string expected)
    {
        JsonPathPolicy.TryParse(json, out _, out var error).Should().BeFalse();
        error.Should().Match(expected);
        var parse = () => JsonPathPolicy.Parse(json);
        parse.Should().Throw<FormatException>().WithMessage($"*{expected}.");
    }

    [Theory]
    [InlineData("[]", "the named policies: an object is expected, an array came")]
    [InlineData("{", "the named policies: it is no JSON: *")]
    [InlineData("""{"b": {"x": 1}}""", "'b': the key 'x' is unknown")]
    [InlineData("""{"b": {"extends": ["c"]}}""", "'b', extends: there is no policy named 'c'")]
    [InlineData("""{"b": {"extends": ["b"]}}""", "'b', extends: policies extend each other in a circle: 'b' > 'b'")]
    [InlineData(
        """{"z": {"extends": ["b"]}, "b": {"extends": ["c"]}, "c": {"extends": ["b"]}}""",
        "'c', extends: policies extend each other in a circle: 'b' > 'c' > 'b'")]
    [InlineData(
        """{"b": {"options": [{"policy": {"extends": ["b"]}}]}}""",
        "'b', options[0], policy, extends: policies extend each other in a circle: 'b' > 'b'")]
    public void Named_policies_with_a_fault_are_refused(string named, string expected)
    {
        JsonPathPolicy.TryParse("{}", named, out _, out var error).Should().BeFalse();
        error.Should().Match(expected);
    }

    [Theory]
    [InlineData(15, true)]
    [InlineData(16, false)]
    [InlineData(5000, false)]
    public void Policies_extend_each_other_16_deep(int count, bool isValid)
    {
        string Name(int i) => i.ToString("D5", CultureInfo.InvariantCulture);
        var links = Enumerable.Range(1, count - 1).Select(i => $"\"{Name(i)}\":{{\"extends\":[\"{Name(i - 1)}\"]}}");
        foreach (var order in new[] { links, links.Reverse() })
        {
            var named = "{\"" + Name(0) + "\":{}," + string.Join(',', order) + "}";
            var json = $$"""{"extends": ["{{Name(count - 1)}}"]}""";
            JsonPathPolicy.TryParse(json, named, out _, out var error)
                .Should().Be(isValid, error);
        }
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(5000, false)]
    public void Options_nest_16_deep(int depth, bool isValid)
    {
        var json = "{}";
        for (var i = 1; i < Math.Min(depth, 100); i++)
        {
            json = $$"""{"options":[{"policy":{{json}}}]}""";
        }
        json = depth < 100 ? json : string.Concat(Enumerable.Repeat("{\"options\":[{\"policy\":", depth));
        JsonPathPolicy.TryParse(json, out _, out var error).Should().Be(isValid, error);
    }

    [Fact]
    public void Options_that_multiply_are_refused()
    {
        var named = new StringBuilder("{\"p0\":{}");
        for (var i = 1; i < 12; i++)
        {
            named.Append(CultureInfo.InvariantCulture, $",\"p{i}\":{{\"options\":[");
            named.AppendJoin(',', Enumerable.Repeat($"{{\"policy\":{{\"extends\":[\"p{i - 1}\"]}}}}", 4));
            named.Append("]}");
        }
        named.Append('}');

        JsonPathPolicy.TryParse("{}", named.ToString(), out _, out var error).Should().BeFalse();

        error.Should().EndWith("more than 1000 policies would be evaluated");
    }

    [Fact]
    public void Text_over_the_limit_is_refused()
    {
        JsonPathPolicy.TryParse(new string(' ', 262_145), out _, out var error).Should().BeFalse();
        error.Should().Be("it has 262145 characters; at most 262144 are expected");
    }

    [Theory]
    [InlineData("{}", "allowed: the policy is empty")]
    [InlineData("""{"local_isd_ases": ["1-9"]}""", "local_isd_ases: denied: 1-1 is not listed")]
    [InlineData("""{"remote_isd_ases": [{"isd_as": "1-0"}]}""", "remote_isd_ases: denied: no rule matches 2-1")]
    [InlineData(
        """{"remote_isd_ases": [{"isd_as": "2-0", "reject": true}]}""", "remote_isd_ases: denied by \"2-0\" at 2-1")]
    [InlineData("""{"acl": ["- 1-2#2", "+"]}""", "acl: denied by \"- 1-2#2\" at 1-2#2 (egress)")]
    [InlineData(
        """{"sequence": "0"}""",
        "sequence: denied: fits up to 1-1#0,1 (hop 1); then comes 1-2#1,2 where the end is expected")]
    [InlineData(
        """{"local_isd_ases": ["1-1"], "remote_isd_ases": [{"isd_as": "2-0"}], "acl": ["+"], "sequence": "0+"}""",
        "local_isd_ases: allowed: 1-1 is listed; remote_isd_ases: allowed by \"2-0\": the path ends in 2-1; "
        + "acl: allowed by \"+\"; sequence: allowed by \"0+\"")]
    [InlineData(
        """{"options": [{"weight": 1, "policy": {"acl": ["+"]}}, {"weight": 7, "policy": {"acl": ["-"]}}]}""",
        "option of weight 1: acl: allowed by \"+\"")]
    [InlineData(
        """{"options": [{"weight": 1, "policy": {"acl": ["- 2", "+"]}}, {"weight": 7, "policy": {"acl": ["-"]}}]}""",
        "options: denied by each; option of weight 7: acl: denied by \"-\" at 1-1#1 (egress)")]
    public void Policy_explains_which_member_decides(string json, string why) =>
        JsonPathPolicy.Parse(json).Explain(ViaTwo).Why.Should().Be(why);

    [Theory]
    [InlineData("""{"local_isd_ases": ["1-1"]}""", "local_isd_ases: denied: the path stays inside 1-1")]
    [InlineData("""{"remote_isd_ases": [{}]}""", "remote_isd_ases: denied: the path stays inside 1-1")]
    public void Policy_explains_that_a_path_inside_one_AS_is_denied(string json, string why) =>
        JsonPathPolicy.Parse(json).Explain(Local).Why.Should().Be(why);

    [Fact]
    public void Policy_is_read_from_files()
    {
        var (policy, named) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            File.WriteAllText(policy, """{"extends": ["direct"]}""");
            File.WriteAllText(named, """{"direct": {"sequence": "0 0"}}""");
            JsonPathPolicy.FromFile(policy, named).Apply(All).Should().Equal(Direct);

            var without = () => JsonPathPolicy.FromFile(policy);
            without.Should().Throw<FormatException>().WithMessage($"*{policy}*no policy named 'direct'.");

            File.WriteAllText(policy, new string(' ', 262_145));
            var tooLong = () => JsonPathPolicy.FromFile(policy);
            tooLong.Should().Throw<FormatException>().WithMessage($"{policy} has more than 262144 characters.");
        }
        finally
        {
            File.Delete(policy);
            File.Delete(named);
        }
    }

    [Fact]
    public void Missing_file_is_an_IO_error()
    {
        var read = () => JsonPathPolicy.FromFile(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        read.Should().Throw<FileNotFoundException>();
    }

    private static string AllowedBy(string json, string? named = null)
    {
        var policy = PathPolicies.Json(json, named);
        foreach (var path in All)
        {
            policy.Allows(path);
        }
        string[] names = ["2", "3", "D", "L"];
        return string.Join(' ', policy.Apply(All).Select(path => names[Array.IndexOf(All, path)]));
    }
}
