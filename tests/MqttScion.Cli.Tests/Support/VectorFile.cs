using System.Text.Json;

namespace MqttScion.Cli.Tests;

/// <summary>The published conformance vectors, kept beside the repository (<c>../shared/vectors</c>).</summary>
internal static class VectorFile
{
    private static readonly string? Folder = Find();

    internal static bool IsPresent => Folder is not null;

    internal static string FullPath(string name) => Path.Combine(Folder!, name);

    internal static JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllBytes(FullPath(name))).RootElement;

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
