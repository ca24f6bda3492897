using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace MqttScion.Mqtt.Tests;

/// <summary>The table of the statements of MQTT 5, appendix B: which ones <see cref="NormativeTests"/> covers, and
/// which ones bind a server, a network or WebSocket only.</summary>
public partial class NormativeTableTests
{
    private static readonly (string Section, string Covered, string NotOfAClient)[] _table =
    [
        ("1.5.4", "1-3", ""),
        ("1.5.5", "1", ""),
        ("1.5.7", "1", ""),
        ("2.1.3", "1", ""),
        ("2.2.1", "2-6", ""),
        ("2.2.2", "1", ""),
        ("3.1.0", "1-2", ""),
        ("3.1.2", "1-4 9 11-21 23-24 26-30", "5-8 10 22 25"),
        ("3.1.3", "1 3-4 7 11-12", "2 5-6 8-10"),
        ("3.1.4", "", "1-6"),
        ("3.2.0", "1-2", ""),
        ("3.2.2", "1-2 4-8 11 14-15 17-18 21-22", "3 9-10 12-13 16 19-20"),
        ("3.3.1", "1-4", "5-13"),
        ("3.3.2", "1-2 7-11 13-14 19", "3-6 12 15-18 20"),
        ("3.3.4", "1 6-9", "2-5 10"),
        ("3.4.2", "1-3", ""),
        ("3.5.2", "1-3", ""),
        ("3.6.1", "1", ""),
        ("3.6.2", "1-3", ""),
        ("3.7.2", "1-3", ""),
        ("3.8.1", "1", ""),
        ("3.8.3", "1-2 4-5", "3"),
        ("3.8.4", "2 6", "1 3-5 7-8"),
        ("3.9.2", "", "1-2"),
        ("3.9.3", "1-2", ""),
        ("3.10.1", "1", ""),
        ("3.10.3", "1-2", ""),
        ("3.10.4", "", "1-6"),
        ("3.11.2", "", "1-2"),
        ("3.11.3", "1-2", ""),
        ("3.12.4", "1", ""),
        ("3.14.0", "1", ""),
        ("3.14.1", "1", ""),
        ("3.14.2", "1-4", ""),
        ("3.14.4", "1-2", "3"),
        ("3.15.1", "1", ""),
        ("3.15.2", "1-3", ""),
        ("4.1.0", "1", "2"),
        ("4.2.0", "", "1"),
        ("4.3.1", "1", ""),
        ("4.3.2", "1-5", ""),
        ("4.3.3", "1-13", ""),
        ("4.4.0", "1-2", ""),
        ("4.5.0", "2", "1"),
        ("4.6.0", "1-4", "5-6"),
        ("4.7.0", "1", ""),
        ("4.7.1", "1-2", ""),
        ("4.7.2", "1", ""),
        ("4.7.3", "1-4", ""),
        ("4.8.2", "1-2", "3-6"),
        ("4.9.0", "1-3", ""),
        ("4.12.0", "2-3 5-7", "1 4"),
        ("4.12.1", "1-2", ""),
        ("4.13.1", "1", ""),
        ("4.13.2", "1", ""),
        ("6.0.0", "", "1-4"),
    ];

    [Fact]
    public void Table_has_every_statement_once()
    {
        var all = Ids(row => row.Covered).Concat(Ids(row => row.NotOfAClient)).ToList();

        all.Should().OnlyHaveUniqueItems().And.HaveCount(251);
    }

    [Fact]
    public void Statements_of_a_client_have_each_a_test() =>
        TestedIds().Should().BeEquivalentTo(Ids(row => row.Covered)).And.HaveCount(167);

    private static List<string> TestedIds() =>
    [
        .. typeof(NormativeTests).GetMethods()
            .Where(m => m.GetCustomAttributes<FactAttribute>().Any())
            .Select(m => TestName().Match(m.Name))
            .Select(m => $"{m.Groups[1]}.{m.Groups[2]}.{m.Groups[3]}-{m.Groups[4]}"),
    ];

    private static IEnumerable<string> Ids(Func<(string Section, string Covered, string NotOfAClient), string> column)
    {
        foreach (var row in _table)
        {
            foreach (var range in column(row).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var ends = range.Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToList();
                for (var number = ends[0]; number <= ends[^1]; number++)
                {
                    yield return $"{row.Section}-{number}";
                }
            }
        }
    }

    [GeneratedRegex(@"^MQTT_(\d+)_(\d+)_(\d+)_(\d+)_")]
    private static partial Regex TestName();
}
