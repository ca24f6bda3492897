namespace MqttScion.Cli;

/// <summary>Reads a stream to its end, up to a bound.</summary>
internal static class BoundedInput
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>The bytes of the stream, or null when there are more than the bound.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, int maxBytes, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var chunk = new byte[ChunkBytes];
        int count;
        // A read of a console can't be cancelled: it is left alone, and the process ends without it.
        while ((count = await stream.ReadAsync(chunk, cancellationToken).AsTask().WaitAsync(cancellationToken)
            .ConfigureAwait(false)) > 0)
        {
            if (bytes.Length + count > maxBytes)
                return null;
            bytes.Write(chunk, 0, count);
        }
        return bytes.ToArray();
    }
}
