using System.Security.Cryptography;

namespace MqttScion.QuicPerf;

/// <summary>A SHA-256 that tells what CPU time it cost, so that the figures can leave it out.</summary>
/// <remarks>All hashes are used by one thread.</remarks>
internal sealed class TimedHash : IDisposable
{
    /// <summary>The length of a hash in bytes.</summary>
    public const int Length = 32;

    private static TimeSpan s_elapsed;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The CPU time that all hashes of this process took so far; zero where the system doesn't tell.</summary>
    public static TimeSpan Elapsed => s_elapsed;

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var start = ClockNative.ThreadTime;
        _hash.AppendData(bytes);
        s_elapsed += ClockNative.ThreadTime - start;
    }

    /// <summary>The hash of what was added.</summary>
    public byte[] Finish() => _hash.GetHashAndReset();

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
