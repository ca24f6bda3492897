namespace MqttScion.Tidy.Tests;

/// <summary>One breach of a rule of docs/style.md, printed as file:line so that an editor can jump to it.</summary>
internal sealed record Finding(string Path, int Line, int Rule, string Text)
{
    public override string ToString() => $"{Path}:{Line}: rule {Rule}: {Text}";

    /// <summary>Fails the test with every finding, one a line.</summary>
    public static void ExpectNone(IEnumerable<Finding> findings)
    {
        var found = findings.OrderBy(f => f.Path, StringComparer.Ordinal).ThenBy(f => f.Line).ToList();
        if (found.Count > 0)
        {
            Assert.Fail($"{found.Count} against docs/style.md:\n{string.Join('\n', found)}");
        }
    }
}
