namespace MqttScion.Scion;

/// <summary>Reads a file that a path source is made from.</summary>
internal static class SourceFile
{
    /// <summary>Reads a whole file of at most <paramref name="maxBytes"/>.</summary>
    /// <exception cref="PathLookupException">The file can't be read, or is larger.</exception>
    public static async Task<byte[]> ReadAsync(
        string path, int maxBytes, string what, CancellationToken cancellationToken)
    {
        var url = new Uri(Path.GetFullPath(path));
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096, useAsync: true);
            await using (file.ConfigureAwait(false))
            {
                var bytes = new byte[Math.Min(file.Length, maxBytes + 1L)];
                var count = await file
                    .ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken)
                    .ConfigureAwait(false);
                return count <= maxBytes
                    ? bytes[..count]
                    : throw new PathLookupException(
                        $"The {what} file {path} has more than {maxBytes} bytes, the most that is taken.", url);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PathLookupException($"The {what} file {path} can't be read: {e.Message}", url, null, e);
        }
    }
}
