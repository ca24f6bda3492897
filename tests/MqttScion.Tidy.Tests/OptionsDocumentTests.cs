using System.Text.RegularExpressions;
using MqttScion.Options;

namespace MqttScion.Tidy.Tests;

/// <summary>The tables of docs/options.md are those of the declarations. UPDATE_GOLDENS=1 writes them anew.</summary>
public sealed partial class OptionsDocumentTests
{
    private const string Document = "docs/options.md";

    [Fact]
    public void Tables_are_those_of_the_declarations()
    {
        var text = File.ReadAllText(RepositoryTree.Full(Document)).ReplaceLineEndings("\n");
        var current = Table().Replace(text, m => $"{m.Groups["head"].Value}\n{TableOf(m.Groups["type"].Value)}");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(RepositoryTree.Full(Document), current);
            return;
        }

        var (written, declared) = (text.Split('\n'), current.Split('\n'));
        Finding.ExpectNone(
            declared.Except(written).Select(line => new Finding(Document, 1, 33, "+ " + line))
                .Concat(written.Except(declared).Select(line => new Finding(Document, 1, 33, "- " + line))));
        text.Should().Be(current, "the order is that of the declarations (rule 33)");
    }

    [Fact]
    public void Every_type_of_options_has_its_table() =>
        Table().Matches(File.ReadAllText(RepositoryTree.Full(Document)).ReplaceLineEndings("\n"))
            .Select(m => m.Groups["type"].Value)
            .Should().Equal(DeclaredOptions.All.Select(options => options.Type.Name));

    private static string TableOf(string type)
    {
        var options = DeclaredOptions.All.Single(o => o.Type.Name == type);
        return "| Option | Value | Default | |\n|---|---|---|---|\n"
            + string.Concat(options.Own.Select(option => RowOf(option, options.Defaults)));
    }

    private static string RowOf(OptionEntry option, object defaults)
    {
        var isRequired = option.FindFault(option.Get(defaults)) is not null;
        var value = isRequired ? "required" : OptionText.DefaultOf(option, defaults);
        var summary = OptionText.SummaryOf(option);
        if (OptionText.PromiseOf(option, defaults) is { } promise)
        {
            // The columns before it say that.
            summary = summary.Replace($" {promise}.", "", StringComparison.Ordinal);
        }
        return $"| `{option.Name}` | {OptionText.ValueOf(option)} | {value} | {summary} |\n";
    }

    [GeneratedRegex(@"(?<head><!-- options of (?<type>\w+) -->\n)\n(?:\|[^\n]*\n)*")]
    private static partial Regex Table();
}
