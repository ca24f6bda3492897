using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace MqttScion.Tidy.Tests;

/// <summary>Rule 5, what one product may know of another: public faces only, and nothing of MQTT below the client.
/// </summary>
public sealed partial class ProductTests
{
    private const string TestNetwork = "MqttScion.Testnet";

    private static readonly string[] _engines =
        ["MqttScion.Mqtt", "MqttScion.Quic", "MqttScion.Scion", "MqttScion.Udp"];

    private static readonly string[] _withoutMqtt = ["MqttScion.Proxy", "MqttScion.Tools", "MqttScion.Transport"];

    private static readonly Dictionary<string, SourceFile> _projects =
        RepositoryTree.Files.Where(f => f.HasExtension(".csproj")).ToDictionary(f => f.Name);

    [Fact]
    public void Internals_of_a_product_are_visible_to_tests_and_those_of_an_engine_to_the_test_network() =>
        Finding.ExpectNone(
            from file in RepositoryTree.Files
            where file.IsUnder("src")
            from friend in FriendsOf(file)
            where !MayBeFriend(file, friend.Name)
            select new Finding(file.Path, friend.Line, 5, $"{file.Name} may not show its internals to {friend.Name}"));

    [Fact]
    public void Transport_tools_and_proxy_reach_neither_MQTT_nor_its_client() =>
        Finding.ExpectNone(
            from name in _withoutMqtt
            from way in WaysFrom(name)
            where way[^1] is "MqttScion" or "MqttScion.Mqtt"
            select new Finding(_projects[name].Path, 1, 5, $"it reaches {string.Join(" → ", way.Skip(1))}"));

    [Fact]
    public void Test_network_reaches_the_MQTT_engine_and_not_its_client() =>
        WaysFrom(TestNetwork).Select(way => way[^1]).Distinct().Should()
            .Contain(["MqttScion.Mqtt", "MqttScion.Transport"]).And.NotContain("MqttScion");

    [Fact]
    public void Code_of_transport_tools_and_proxy_names_nothing_of_MQTT() =>
        Finding.ExpectNone(
            from file in RepositoryTree.CSharp
            where _withoutMqtt.Any(name => file.IsUnder("src/" + name))
            from finding in file.Matches(MqttNamespace(), file.Text, 5, "the client and the test network know MQTT")
            select finding);

    private static bool MayBeFriend(SourceFile file, string friend) =>
        friend == file.Name + ".Tests"
        || _projects.TryGetValue(friend, out var project) && project.IsUnder("tests")
        || friend == TestNetwork && _engines.Any(engine => file.IsUnder("src/" + engine));

    private static IEnumerable<(string Name, int Line)> FriendsOf(SourceFile file)
    {
        if (file.HasExtension(".cs"))
        {
            return from m in FriendAttribute().Matches(file.Text)
                   select (m.Groups[1].Value, file.LineOf(m.Index));
        }
        return file.HasExtension(".csproj") || file.HasExtension(".props") || file.HasExtension(".targets")
            ? from element in Elements(file, "InternalsVisibleTo")
              let name = (string?)element.Attribute("Include") ?? ""
              select (name.Replace("$(MSBuildProjectName)", file.Name), ((IXmlLineInfo)element).LineNumber)
            : [];
    }

    /// <summary>The references from a project, directly and by others: each with the projects on the way.</summary>
    private static List<string[]> WaysFrom(string name)
    {
        var ways = new List<string[]> { new[] { name } };
        for (var i = 0; i < ways.Count; i++)
        {
            var way = ways[i];
            ways.AddRange(
                from reference in Elements(_projects[way[^1]], "ProjectReference")
                let path = ((string?)reference.Attribute("Include") ?? "").Replace('\\', '/')
                select (string[])[.. way, Path.GetFileNameWithoutExtension(path)]);
        }
        return ways;
    }

    private static IEnumerable<XElement> Elements(SourceFile file, string name) =>
        XDocument.Parse(file.Text, LoadOptions.SetLineInfo).Descendants().Where(e => e.Name.LocalName == name);

    [GeneratedRegex(@"InternalsVisibleTo(?:Attribute)?\s*\(\s*""([^"",]+)")]
    private static partial Regex FriendAttribute();

    [GeneratedRegex(@"\bMqttScion\s*\.\s*Mqtt\b|(?<![\w.])using\s+Mqtt\b")]
    private static partial Regex MqttNamespace();
}
