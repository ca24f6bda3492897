namespace MqttScion.QuicPerf;

/// <summary>The bytes that are transferred: a block of noise, over and over.</summary>
internal static class Pattern
{
    // A prime length: bytes that end up at a wrong place differ, whatever power of two they are off by.
    private const int BlockBytes = 1_048_573;
    private const int Seed = 20_000;

    private static readonly byte[] Block = Create();

    /// <summary>The bytes from an offset on: as many as lie together, at most a number.</summary>
    public static ReadOnlySpan<byte> At(long offset, long maxLength)
    {
        var start = (int)(offset % BlockBytes);
        return Block.AsSpan(start, (int)Math.Min(BlockBytes - start, maxLength));
    }

    private static byte[] Create()
    {
        var block = new byte[BlockBytes];
        new Random(Seed).NextBytes(block);
        return block;
    }
}
