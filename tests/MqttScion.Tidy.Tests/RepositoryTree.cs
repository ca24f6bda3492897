namespace MqttScion.Tidy.Tests;

/// <summary>The text files of the repository, without what a build or an editor leaves behind.</summary>
internal static class RepositoryTree
{
    private static readonly HashSet<string> SkippedFolders =
        ["bin", "obj", ".git", ".vs", ".idea", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>The folder that holds MqttScion.sln.</summary>
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Files { get; } =
        [.. Walk(new DirectoryInfo(Root)).OrderBy(f => f.Path, StringComparer.Ordinal)];

    public static IEnumerable<SourceFile> CSharp => Files.Where(f => f.HasExtension(".cs"));

    /// <summary>Makes a path of the repository absolute.</summary>
    public static string Full(string path) => Path.GetFullPath(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MqttScion.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new DirectoryNotFoundException($"No MqttScion.sln above {AppContext.BaseDirectory}.");
    }

    private static IEnumerable<SourceFile> Walk(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles())
        {
            var text = File.ReadAllText(file.FullName).ReplaceLineEndings("\n");
            if (!text.Contains('\0', StringComparison.Ordinal))
            {
                yield return new SourceFile(Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'), text);
            }
        }

        var folders = folder.EnumerateDirectories().Where(d => !SkippedFolders.Contains(d.Name));
        foreach (var file in folders.SelectMany(Walk))
        {
            yield return file;
        }
    }
}
