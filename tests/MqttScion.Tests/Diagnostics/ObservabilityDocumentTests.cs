using System.Text.RegularExpressions;
using MqttScion.Tests.DependencyInjection;

namespace MqttScion.Tests.Diagnostics;

/// <summary>docs/observability.md names what there is, and nothing else.</summary>
public sealed partial class ObservabilityDocumentTests
{
    private static readonly string Text = File.ReadAllText(Find("docs/observability.md"));

    [Fact]
    public void Instruments_are_those_that_exist_with_their_units()
    {
        using var recorder = new MeterRecorder(factory: null);
        _ = MqttMetrics.Shared;

        var documented = InstrumentRow().Matches(Text).Select(m => (m.Groups["name"].Value, m.Groups["unit"].Value));

        documented.Should().BeEquivalentTo(recorder.Instruments.Values.Select(i => (i.Name, i.Unit!)));
    }

    [Fact]
    public void Options_for_code_are_named() =>
        ConfigurationReader.CodeOnly.Should().OnlyContain(key => Text.Contains($"`{key}`", StringComparison.Ordinal));

    [Fact]
    public void Example_is_read_without_a_mistake()
    {
        var json = JsonBlock().Match(Text).Groups["json"].Value;

        var options = ExampleSettings.Read(json, "Mqtt");

        options.Servers.Should().NotBeEmpty();
    }

    private static string Find(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MqttScion.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException($"No MqttScion.sln above {folder}.");
        }
        return Path.Combine(folder.FullName, path);
    }

    [GeneratedRegex(
        @"^\| `(?<name>[\w.]+)` \| (?:up-down counter|counter|histogram) \| `(?<unit>[^`]+)` \|",
        RegexOptions.Multiline)]
    private static partial Regex InstrumentRow();

    [GeneratedRegex(@"```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
