using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>Seals and opens address validation tokens (RFC 9000 §8.1.4).</summary>
/// <remarks>
/// A token is the key's mark, a nonce and the AES-256-GCM ciphertext of kind, time, address digest and, for a Retry,
/// the two connection ids. The previous key opens tokens that were made before the last rotation.
/// </remarks>
internal sealed class AddressTokens : IDisposable
{
    public const int DigestLength = 16;
    public const int MaxLength = 1 + NonceLength + MaxBodyLength + IPacketProtector.TagLength;

    private const int NonceLength = 12;
    private const int FixedBodyLength = 1 + sizeof(long) + DigestLength;
    private const int MaxBodyLength = FixedBodyLength + 2 * (1 + ConnectionId.MaxLength);

    private readonly IQuicRandom _random;
    private TokenKey _current;
    private TokenKey? _previous;

    public AddressTokens(IQuicRandom random, byte[] key, byte[]? previousKey)
    {
        _random = random;
        _current = new TokenKey(key);
        _previous = previousKey is null ? null : new TokenKey(previousKey);
    }

    /// <summary>What stands for an address in tokens; empty for an empty one.</summary>
    public static byte[] Digest(ReadOnlySpan<byte> address) =>
        address.IsEmpty ? [] : SHA256.HashData(address)[..DigestLength];

    /// <summary>Seals with a new key from now on; the current one still opens.</summary>
    public void Rotate(ReadOnlySpan<byte> key)
    {
        _previous?.Dispose();
        _previous = _current;
        _current = new TokenKey(key);
    }

    public byte[] WriteRetry(ReadOnlySpan<byte> digest, ConnectionId original, ConnectionId retry, DateTimeOffset now)
    {
        var writer = new ByteWriter(stackalloc byte[MaxBodyLength]);
        WriteFixed(ref writer, AddressTokenKind.Retry, digest, now);
        writer.WriteByte((byte)original.Length);
        writer.Advance(original.CopyTo(writer.Free));
        writer.WriteByte((byte)retry.Length);
        writer.Advance(retry.CopyTo(writer.Free));
        return Seal(writer.Written);
    }

    public byte[] WriteNewToken(ReadOnlySpan<byte> digest, DateTimeOffset now)
    {
        var writer = new ByteWriter(stackalloc byte[FixedBodyLength]);
        WriteFixed(ref writer, AddressTokenKind.NewToken, digest, now);
        return Seal(writer.Written);
    }

    /// <summary>Opens a token; false when it is not one of ours, or its key is gone.</summary>
    public bool TryRead(ReadOnlySpan<byte> token, ReadOnlySpan<byte> digest, out AddressToken read)
    {
        read = default;
        const int least = 1 + NonceLength + FixedBodyLength + IPacketProtector.TagLength;
        if (token.Length is < least or > MaxLength)
            return false;
        var key = token[0] == _current.Mark ? _current : token[0] == _previous?.Mark ? _previous : null;
        Span<byte> body = stackalloc byte[token.Length - 1 - NonceLength - IPacketProtector.TagLength];
        return key is not null && key.TryOpen(token, body) &&
            TryParse(body, digest, BinaryPrimitives.ReadUInt64BigEndian(token[1..]), out read);
    }

    public void Dispose()
    {
        _current.Dispose();
        _previous?.Dispose();
    }

    private static void WriteFixed(
        ref ByteWriter writer, AddressTokenKind kind, ReadOnlySpan<byte> digest, DateTimeOffset now)
    {
        writer.WriteByte((byte)kind);
        BinaryPrimitives.WriteInt64BigEndian(writer.Free, now.ToUnixTimeMilliseconds());
        writer.Advance(sizeof(long));
        writer.WriteBytes(digest);
    }

    private static bool TryParse(
        ReadOnlySpan<byte> body, ReadOnlySpan<byte> digest, ulong nonce, out AddressToken read)
    {
        var reader = new ByteReader(body);
        read = default;
        if (!reader.TryReadByte(out var kind) || !reader.TryReadBytes(sizeof(long), out var issued) ||
            !reader.TryReadBytes(DigestLength, out var address))
            return false;
        ReadOnlySpan<byte> original = default, retry = default;
        if (kind == (byte)AddressTokenKind.Retry &&
            (!reader.TryReadPrefixed(out original) || !reader.TryReadPrefixed(out retry)))
            return false;
        // The time is one that we wrote: the token is authentic.
        var issuedAt = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(issued));
        read = new AddressToken(
            (AddressTokenKind)kind,
            issuedAt,
            CryptographicOperations.FixedTimeEquals(address, digest),
            new ConnectionId(original),
            new ConnectionId(retry),
            nonce);
        return true;
    }

    private byte[] Seal(ReadOnlySpan<byte> body)
    {
        var token = new byte[1 + NonceLength + body.Length + IPacketProtector.TagLength];
        _random.Fill(token.AsSpan(1, NonceLength));
        _current.Seal(token, body);
        return token;
    }

    private sealed class TokenKey : IDisposable
    {
        private readonly AesGcm _aead;

        public TokenKey(ReadOnlySpan<byte> key)
        {
            var digest = SHA512.HashData(key);
            _aead = new AesGcm(digest.AsSpan(0, 32), IPacketProtector.TagLength);
            Mark = digest[^1];
        }

        /// <summary>Tells most foreign tokens apart without any cryptography.</summary>
        public byte Mark { get; }

        public void Seal(Span<byte> token, ReadOnlySpan<byte> body)
        {
            token[0] = Mark;
            _aead.Encrypt(
                token.Slice(1, NonceLength),
                body,
                token.Slice(1 + NonceLength, body.Length),
                token[^IPacketProtector.TagLength..]);
        }

        public bool TryOpen(ReadOnlySpan<byte> token, Span<byte> body)
        {
            try
            {
                _aead.Decrypt(
                    token.Slice(1, NonceLength),
                    token.Slice(1 + NonceLength, body.Length),
                    token[^IPacketProtector.TagLength..],
                    body);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                // The library's only way to say that a token is forged.
                return false;
            }
        }

        public void Dispose() => _aead.Dispose();
    }
}
