using System.Text.RegularExpressions;

namespace MqttScion.Tidy.Tests;

/// <summary>What no file may contain.</summary>
public sealed partial class CodeRuleTests
{
    public static TheoryData<string> Rules => [.. CodeRule.All.Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Code_keeps_rule(string name)
    {
        var rule = CodeRule.All.Single(r => r.Name == name);
        Finding.ExpectNone(RepositoryTree.CSharp.Where(rule.Applies).SelectMany(rule.Check));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_finds_its_example_and_spares_the_other(string name)
    {
        var rule = CodeRule.All.Single(r => r.Name == name);
        rule.Check(new SourceFile("Caught.cs", rule.Caught)).Should().NotBeEmpty();
        rule.Check(new SourceFile("Spared.cs", rule.Spared)).Should().BeEmpty();
    }

    /// <summary>A block with nothing but a comment is let pass: the comment is what rule 19 asks for.</summary>
    [Fact]
    public void Catch_blocks_are_not_empty() =>
        Finding.ExpectNone(
            from file in RepositoryTree.CSharp
            from Match match in EmptyCatch().Matches(file.Code)
            where string.IsNullOrWhiteSpace(file.Comments.Substring(match.Index, match.Length))
            select new Finding(file.Path, file.LineOf(match.Index), 19, "empty catch: handle it, or say why not"));

    [Theory]
    [InlineData("catch { }", true)]
    [InlineData("catch (Exception e) when (e.InnerException is null)\n{\n}", true)]
    [InlineData("catch (Exception e) when (e.InnerException is { } inner) { }", true)]
    [InlineData("catch (Exception e) when (e.InnerException is { } inner) { Log(inner); }", false)]
    [InlineData("catch { throw; }", false)]
    public void Catch_block_is_told_from_the_braces_of_a_filter(string code, bool isEmpty) =>
        EmptyCatch().IsMatch(code).Should().Be(isEmpty);

    [Fact]
    public void No_file_names_a_folder_of_one_machine() =>
        Finding.ExpectNone(
            from file in RepositoryTree.Files
            from finding in file.Matches(MachinePath(), file.Text, 6, "a path of one machine")
            select finding);

    // The braces of the pattern `is { }` are not the block.
    [GeneratedRegex(@"\bcatch\b(?:[^{};]|(?<=\bis\s*)\{\s*\})*(?<!\bis\s*)\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"(?<![\w.+#/~])/(work|root|home|Users)/|\b[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();
}
