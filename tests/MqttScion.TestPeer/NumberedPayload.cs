using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MqttScion.TestPeer;

/// <summary>
/// Payloads that tell whether they came whole and in order: a number, noise, and the SHA-256 of both.
/// </summary>
public static class NumberedPayload
{
    private const int LeastBytes = sizeof(long) + SHA256.HashSizeInBytes;

    public static byte[] Create(long number, int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, LeastBytes);
        var payload = RandomNumberGenerator.GetBytes(lengthBytes);
        BinaryPrimitives.WriteInt64BigEndian(payload, number);
        SHA256.HashData(payload.AsSpan(0, lengthBytes - SHA256.HashSizeInBytes), HashOf(payload));
        return payload;
    }

    /// <summary>False when the payload is not as it was created.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out long number)
    {
        number = 0;
        if (payload.Length < LeastBytes)
        {
            return false;
        }
        number = BinaryPrimitives.ReadInt64BigEndian(payload);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(payload[..^SHA256.HashSizeInBytes], hash);
        return hash.SequenceEqual(payload[^SHA256.HashSizeInBytes..]);
    }

    private static Span<byte> HashOf(Span<byte> payload) => payload[^SHA256.HashSizeInBytes..];
}
