using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>The key derivations of QUIC v1 (RFC 9001 §5). Pure functions; callers own and clear the secrets.</summary>
internal static class KeySchedule
{
    /// <summary>The length of a packet protection IV.</summary>
    public const int IvLength = 12;

    /// <summary>The longest key and header protection key of the suites of QUIC v1.</summary>
    public const int MaxKeyLength = 32;

    /// <summary>The length of an Initial secret: Initial packets always use SHA-256.</summary>
    public const int InitialSecretLength = 32;

    /// <summary>The suite of Initial packets (RFC 9001 §5.2).</summary>
    public const QuicCipherSuite InitialSuite = QuicCipherSuite.Aes128GcmSha256;

    private const int MaxLabelLength = 32;
    private const int MaxHashLength = 48;

    // RFC 9001 §5.2.
    private static ReadOnlySpan<byte> InitialSalt =>
    [
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
        0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a,
    ];

    // RFC 9001 §5.8.
    private static ReadOnlySpan<byte> RetryKey =>
    [
        0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a, 0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8, 0x4e,
    ];

    private static ReadOnlySpan<byte> RetryNonce =>
    [
        0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2, 0x23, 0x98, 0x25, 0xbb,
    ];

    /// <summary>The length of AEAD key and header protection key of a suite.</summary>
    public static int KeyLength(QuicCipherSuite suite) => suite == QuicCipherSuite.Aes128GcmSha256 ? 16 : 32;

    /// <summary>The length of a traffic secret of a suite: that of its hash.</summary>
    public static int SecretLength(QuicCipherSuite suite) => suite == QuicCipherSuite.Aes256GcmSha384 ? 48 : 32;

    /// <summary>HKDF-Expand-Label with an empty context (RFC 8446 §7.1).</summary>
    public static void ExpandLabel(
        HashAlgorithmName hash,
        ReadOnlySpan<byte> secret,
        ReadOnlySpan<byte> label,
        Span<byte> output)
    {
        Debug.Assert(label.Length <= MaxLabelLength, "labels are constants of this library");
        Span<byte> info = stackalloc byte[2 + 1 + 6 + MaxLabelLength + 1 + 1];
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)output.Length);
        info[2] = (byte)(6 + label.Length);
        "tls13 "u8.CopyTo(info[3..]);
        label.CopyTo(info[9..]);
        info[9 + label.Length] = 0;
        // RFC 5869 §2.3: no output here is longer than the hash, so that it is one HMAC with the counter 1 behind the
        // info. HKDF of the library makes objects for it and takes several times as long.
        info[10 + label.Length] = 1;
        Span<byte> block = stackalloc byte[MaxHashLength];
        var isLong = hash == HashAlgorithmName.SHA384;
        var length = isLong
            ? HMACSHA384.HashData(secret, info[..(11 + label.Length)], block)
            : HMACSHA256.HashData(secret, info[..(11 + label.Length)], block);
        Debug.Assert(output.Length <= length, "one block is enough");
        block[..output.Length].CopyTo(output);
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>
    /// Derives the Initial secrets from the Destination Connection ID of the client's first Initial packet, or of the
    /// first one after a Retry (RFC 9001 §5.2). Both outputs have <see cref="InitialSecretLength"/> bytes.
    /// </summary>
    public static void InitialSecrets(ReadOnlySpan<byte> connectionId, Span<byte> client, Span<byte> server)
    {
        Span<byte> initial = stackalloc byte[InitialSecretLength];
        HMACSHA256.HashData(InitialSalt, connectionId, initial);
        ExpandLabel(HashAlgorithmName.SHA256, initial, "client in"u8, client[..InitialSecretLength]);
        ExpandLabel(HashAlgorithmName.SHA256, initial, "server in"u8, server[..InitialSecretLength]);
    }

    /// <summary>Derives the AEAD key; <paramref name="key"/> has the suite's key length (RFC 9001 §5.1).</summary>
    public static void Key(QuicCipherSuite suite, ReadOnlySpan<byte> secret, Span<byte> key) =>
        ExpandLabel(Hash(suite), secret, "quic key"u8, key);

    /// <summary>Derives the packet protection IV; <paramref name="iv"/> has <see cref="IvLength"/> bytes.</summary>
    public static void Iv(QuicCipherSuite suite, ReadOnlySpan<byte> secret, Span<byte> iv) =>
        ExpandLabel(Hash(suite), secret, "quic iv"u8, iv);

    /// <summary>Derives the header protection key; <paramref name="key"/> has the suite's key length.</summary>
    public static void HeaderKey(QuicCipherSuite suite, ReadOnlySpan<byte> secret, Span<byte> key) =>
        ExpandLabel(Hash(suite), secret, "quic hp"u8, key);

    /// <summary>Derives the 1-RTT secret of the next key phase (RFC 9001 §6.1).</summary>
    public static byte[] NextSecret(QuicCipherSuite suite, ReadOnlySpan<byte> secret)
    {
        var next = new byte[SecretLength(suite)];
        ExpandLabel(Hash(suite), secret, "quic ku"u8, next);
        return next;
    }

    /// <summary>
    /// Computes the 16-byte integrity tag of a Retry packet (RFC 9001 §5.8). <paramref name="packet"/> is the Retry
    /// packet without its tag; <paramref name="originalConnectionId"/> the Destination Connection ID of the Initial it
    /// answers.
    /// </summary>
    public static void RetryIntegrityTag(
        ReadOnlySpan<byte> originalConnectionId,
        ReadOnlySpan<byte> packet,
        Span<byte> tag)
    {
        var pseudoPacket = new byte[1 + originalConnectionId.Length + packet.Length];
        pseudoPacket[0] = (byte)originalConnectionId.Length;
        originalConnectionId.CopyTo(pseudoPacket.AsSpan(1));
        packet.CopyTo(pseudoPacket.AsSpan(1 + originalConnectionId.Length));

        using var aead = new AesGcm(RetryKey, IPacketProtector.TagLength);
        aead.Encrypt(RetryNonce, [], [], tag[..IPacketProtector.TagLength], pseudoPacket);
    }

    /// <summary>True when the last 16 bytes of a Retry packet are its integrity tag.</summary>
    public static bool IsAuthenticRetry(ReadOnlySpan<byte> originalConnectionId, ReadOnlySpan<byte> packet)
    {
        if (packet.Length < IPacketProtector.TagLength)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[IPacketProtector.TagLength];
        RetryIntegrityTag(originalConnectionId, packet[..^IPacketProtector.TagLength], expected);
        return CryptographicOperations.FixedTimeEquals(expected, packet[^IPacketProtector.TagLength..]);
    }

    /// <summary>The AEAD nonce: the IV with the packet number XORed into its last bytes (RFC 9001 §5.3).</summary>
    public static void Nonce(ReadOnlySpan<byte> iv, ulong packetNumber, Span<byte> nonce)
    {
        iv[..IvLength].CopyTo(nonce);
        var tail = nonce.Slice(IvLength - sizeof(ulong), sizeof(ulong));
        BinaryPrimitives.WriteUInt64BigEndian(tail, BinaryPrimitives.ReadUInt64BigEndian(tail) ^ packetNumber);
    }

    private static HashAlgorithmName Hash(QuicCipherSuite suite) =>
        suite == QuicCipherSuite.Aes256GcmSha384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
}
