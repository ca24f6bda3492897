using System.Text.Json;

namespace MqttScion.Scion.Tests;

/// <summary>The published conformance vectors, kept beside the repository (<c>../shared/vectors</c>).</summary>
internal static class VectorFile
{
    private static readonly string? Folder = Find();

    internal static bool IsPresent => Folder is not null;

    internal static string PathOf(string name) => Path.Combine(Folder!, name);

    internal static byte[] Bytes(string name) => File.ReadAllBytes(PathOf(name));

    internal static IEnumerable<string> Names(string pattern) =>
        Directory.EnumerateFiles(Folder!, pattern).Select(p => Path.GetRelativePath(Folder!, p)).Order();

    internal static JsonElement Json(string name) => JsonDocument.Parse(Bytes(name)).RootElement;

    /// <summary>The rows of an array, after a check that none was added or lost unseen.</summary>
    internal static IEnumerable<JsonElement> Rows(this JsonElement parent, string name, int count) =>
        parent.GetProperty(name).EnumerateArray().Should().HaveCount(count, name).And.Subject;

    /// <summary>The rows of a table, after a check that none was added or lost unseen.</summary>
    internal static IEnumerable<JsonProperty> Table(this JsonElement parent, string name, int count) =>
        parent.GetProperty(name).EnumerateObject().Should().HaveCount(count, name).And.Subject;

    /// <summary>The strings of an array, after a check that none was added or lost unseen.</summary>
    internal static IEnumerable<string> Texts(this JsonElement parent, string name, int count) =>
        parent.Rows(name, count).Select(row => row.GetString()!);

    /// <summary>The bytes that a property writes in hex.</summary>
    internal static byte[] Hex(this JsonElement parent, string name) =>
        Convert.FromHexString(parent.GetProperty(name).GetString()!);

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "MqttScion.sln")))
                continue;
            foreach (var beside in new[] { "..", "../.." })
            {
                var vectors = Path.GetFullPath(Path.Combine(folder.FullName, beside, "shared/vectors"));
                if (Directory.Exists(vectors))
                    return vectors;
            }
        }
        return null;
    }
}
