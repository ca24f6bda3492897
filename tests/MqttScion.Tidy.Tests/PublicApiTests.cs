using System.Reflection;

namespace MqttScion.Tidy.Tests;

/// <summary>Rule 10: the public API is that of PublicApi/*.txt. UPDATE_GOLDENS=1 writes these anew.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("MqttScion.Udp")]
    [InlineData("MqttScion.Scion")]
    [InlineData("MqttScion.Quic")]
    [InlineData("MqttScion.Mqtt")]
    [InlineData("MqttScion.Transport")]
    [InlineData("MqttScion")]
    [InlineData("MqttScion.Sqlite")]
    public void Public_members_are_those_written_down(string assembly)
    {
        var path = $"tests/MqttScion.Tidy.Tests/PublicApi/{assembly}.txt";
        var actual = ApiDump.Of(Assembly.Load(assembly)).ToList();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDENS") == "1")
        {
            File.WriteAllText(RepositoryTree.Full(path), string.Concat(actual.Select(line => line + "\n")));
            return;
        }

        string[] expected = File.Exists(RepositoryTree.Full(path)) ? File.ReadAllLines(RepositoryTree.Full(path)) : [];
        var removed = from line in expected.Index()
                      where !actual.Contains(line.Item)
                      select new Finding(path, line.Index + 1, 10, "- " + line.Item);
        var added = from line in actual.Index()
                    where !expected.Contains(line.Item)
                    select new Finding(path, line.Index + 1, 10, "+ " + line.Item);
        Finding.ExpectNone(removed.Concat(added));
        actual.Should().Equal(expected, "the order is that of the dump (rule 10)");
    }
}
