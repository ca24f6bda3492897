using System.Text.RegularExpressions;

namespace MqttScion.Tidy.Tests;

/// <summary>Rules 50 and 51: documents that point at what exists and show what compiles.</summary>
public sealed partial class DocumentTests
{
    private static IEnumerable<SourceFile> Documents => RepositoryTree.Files.Where(f => f.HasExtension(".md"));

    [Fact]
    public void Changelog_has_an_unreleased_heading() =>
        Finding.ExpectNone(
            from file in RepositoryTree.Files
            where file.Path == "CHANGELOG.md" && !file.Lines.Contains("## Unreleased")
            select new Finding(file.Path, 1, 51, "no heading `## Unreleased`"));

    [Fact]
    public void Relative_links_lead_to_a_file() =>
        Finding.ExpectNone(
            from file in Documents
            let text = Code().Replace(file.Text, m => NotNewline().Replace(m.Value, " "))
            from Match link in Link().Matches(text)
            let target = Uri.UnescapeDataString(link.Groups["target"].Value.Split('#')[0])
            where target.Length > 0 && !target.Contains(':', StringComparison.Ordinal)
            let full = Path.Combine(Path.GetDirectoryName(RepositoryTree.Full(file.Path))!, target)
            where !File.Exists(full) && !Directory.Exists(full)
            select new Finding(file.Path, file.LineOf(link.Index), 50, $"the link leads nowhere: {target}"));

    [Fact]
    public void Code_in_documents_is_that_of_the_sample() =>
        Finding.ExpectNone(
            from file in Documents
            from Match marker in Marker().Matches(file.Text)
            from finding in CheckRegion(file, marker)
            select finding);

    [Theory]
    [InlineData("    #region One\n    var a = 1;\n\n        b();\n    #endregion\n", "var a = 1;\n\n    b();")]
    [InlineData("#region One\n#region Two\nc();\n#endregion\nd();\n#endregion\n", "c();\nd();")]
    [InlineData("#region Other\n#endregion\n", null)]
    public void Region_of_text_is_found_and_dedented(string text, string? expected) =>
        RegionOf(new SourceFile("Sample.cs", text), "One").Should().Be(expected);

    private static IEnumerable<Finding> CheckRegion(SourceFile file, Match marker)
    {
        var (name, path) = (marker.Groups["name"].Value, marker.Groups["path"].Value);
        var sample = RepositoryTree.Files.FirstOrDefault(f => f.Path == path);
        var fence = Fence().Match(file.Text, marker.Index + marker.Length);
        var shown = Dedent(fence.Groups["code"].Value.Split('\n'));
        var problem = sample is null ? $"there is no {path}"
            : RegionOf(sample, name) is not { } region ? $"{path} has no #region {name}"
            : !fence.Success ? "no ```csharp fence follows the marker"
            : shown != region ? $"the code differs from #region {name} of {path}"
            : null;
        return problem is null ? [] : [new Finding(file.Path, file.LineOf(marker.Index), 50, problem)];
    }

    /// <summary>The lines from `#region name` to its end, without inner region lines and common indentation.</summary>
    private static string? RegionOf(SourceFile file, string name)
    {
        var lines = new List<string>();
        var depth = 0;
        foreach (var line in file.Lines)
        {
            var trimmed = line.Trim();
            if (depth == 0 ? trimmed == $"#region {name}" : trimmed.StartsWith("#region", StringComparison.Ordinal))
            {
                depth++;
            }
            else if (depth > 0 && trimmed.StartsWith("#endregion", StringComparison.Ordinal))
            {
                if (--depth == 0)
                {
                    return Dedent(lines);
                }
            }
            else if (depth > 0)
            {
                lines.Add(line);
            }
        }

        return null;
    }

    private static string Dedent(IReadOnlyCollection<string> lines)
    {
        var indents = lines.Where(l => l.Trim().Length > 0).Select(l => l.Length - l.TrimStart().Length);
        var indent = indents.DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(l => l.Length > indent ? l[indent..].TrimEnd() : "")).Trim('\n');
    }

    [GeneratedRegex(@"^[ \t]*```.*?^[ \t]*```|`[^`\n]*`", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"[^\n]")]
    private static partial Regex NotNewline();

    [GeneratedRegex(
        @"\]\(<?(?<target>[^)>\s]+)>?(\s+""[^""]*"")?\)|^\[[^\]]+\]:\s*(?<target>\S+)", RegexOptions.Multiline)]
    private static partial Regex Link();

    [GeneratedRegex(@"<!--\s*region\s+(?<name>\S+)\s+of\s+(?<path>\S+)\s*-->")]
    private static partial Regex Marker();

    [GeneratedRegex(@"\G[ \t]*\n+```csharp[^\n]*\n(?<code>.*?)\n?```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
