namespace MqttScion.Tests.Support;

/// <summary>The files of a database as a crash at this moment would leave them.</summary>
internal static class FileCopy
{
    public static string Take(string path, string directory)
    {
        Directory.CreateDirectory(directory);
        var copy = Path.Combine(directory, Path.GetFileName(path));
        // The log first: a checkpoint between the two copies would otherwise be in neither.
        foreach (var suffix in new[] { "-wal", "" })
        {
            if (File.Exists(path + suffix))
            {
                File.Copy(path + suffix, copy + suffix);
            }
        }
        return copy;
    }
}
