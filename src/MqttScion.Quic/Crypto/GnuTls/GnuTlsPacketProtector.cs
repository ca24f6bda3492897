using System.Diagnostics;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>Packet protection on GnuTLS. Allocates nothing per packet; one thread at a time.</summary>
internal sealed unsafe class GnuTlsPacketProtector : IPacketProtector
{
    private readonly byte[] _iv = new byte[KeySchedule.IvLength];
    private readonly byte[] _headerKey;
    private readonly GnuTlsAeadHandle _aead;
    private readonly GnuTlsCipherHandle _headerCipher;

    /// <summary>Derives the keys; a null <paramref name="headerKey"/> is derived as well.</summary>
    public GnuTlsPacketProtector(QuicCipherSuite suite, ReadOnlySpan<byte> secret, byte[]? headerKey)
    {
        var keyLength = KeySchedule.KeyLength(suite);
        _headerKey = new byte[keyLength];
        if (headerKey is null)
        {
            KeySchedule.HeaderKey(suite, secret, _headerKey);
        }
        else
        {
            headerKey.CopyTo(_headerKey, 0);
        }

        Span<byte> key = stackalloc byte[keyLength];
        KeySchedule.Key(suite, secret, key);
        KeySchedule.Iv(suite, secret, _iv);
        _aead = NewAead(suite, key);
        _headerCipher = NewHeaderCipher(suite, _headerKey);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>The header protection key, which outlives key updates.</summary>
    internal byte[] HeaderKey => _headerKey;

    /// <inheritdoc/>
    public void Seal(ulong packetNumber, Span<byte> packet, int headerLength)
    {
        var textLength = packet.Length - headerLength - IPacketProtector.TagLength;
        ArgumentOutOfRangeException.ThrowIfNegative(headerLength);
        ArgumentOutOfRangeException.ThrowIfNegative(textLength, nameof(packet));
        Span<byte> nonce = stackalloc byte[KeySchedule.IvLength];
        KeySchedule.Nonce(_iv, packetNumber, nonce);
        fixed (byte* n = nonce, p = packet)
        {
            var sealedLength = (nuint)(textLength + IPacketProtector.TagLength);
            var result = GnuTlsNative.AeadCipherEncrypt(
                _aead,
                n,
                KeySchedule.IvLength,
                p,
                (nuint)headerLength,
                IPacketProtector.TagLength,
                p + headerLength,
                (nuint)textLength,
                p + headerLength,
                &sealedLength);
            ThrowOnError(result, "seal a packet");
        }
    }

    /// <inheritdoc/>
    public bool TryOpen(ulong packetNumber, Span<byte> packet, int headerLength)
    {
        var sealedLength = packet.Length - headerLength;
        if (headerLength < 0 || sealedLength < IPacketProtector.TagLength)
        {
            return false;
        }

        Span<byte> nonce = stackalloc byte[KeySchedule.IvLength];
        KeySchedule.Nonce(_iv, packetNumber, nonce);
        fixed (byte* n = nonce, p = packet)
        {
            var plainLength = (nuint)(sealedLength - IPacketProtector.TagLength);
            return GnuTlsNative.AeadCipherDecrypt(
                _aead,
                n,
                KeySchedule.IvLength,
                p,
                (nuint)headerLength,
                IPacketProtector.TagLength,
                p + headerLength,
                (nuint)sealedLength,
                p + headerLength,
                &plainLength) >= 0;
        }
    }

    /// <inheritdoc/>
    public void HeaderMask(ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        // Encrypting zeros with the sample as IV gives AES-ECB(sample) in CBC mode (RFC 9001 §5.4.3), and with the
        // sample as counter and nonce the key stream of ChaCha20 (§5.4.4).
        Span<byte> block = stackalloc byte[IPacketProtector.SampleLength];
        block.Clear();
        fixed (byte* s = sample[..IPacketProtector.SampleLength], b = block)
        {
            GnuTlsNative.CipherSetIv(_headerCipher, s, IPacketProtector.SampleLength);
            var result = GnuTlsNative.CipherEncrypt(
                _headerCipher,
                b,
                IPacketProtector.SampleLength,
                b,
                IPacketProtector.SampleLength);
            ThrowOnError(result, "compute a header mask");
        }

        block[..IPacketProtector.MaskLength].CopyTo(mask);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _aead.Dispose();
        _headerCipher.Dispose();
        CryptographicOperations.ZeroMemory(_headerKey);
    }

    private static GnuTlsAeadHandle NewAead(QuicCipherSuite suite, ReadOnlySpan<byte> key)
    {
        var algorithm = suite switch
        {
            QuicCipherSuite.Aes128GcmSha256 => GnuTlsNative.CipherAes128Gcm,
            QuicCipherSuite.Aes256GcmSha384 => GnuTlsNative.CipherAes256Gcm,
            QuicCipherSuite.ChaCha20Poly1305Sha256 => GnuTlsNative.CipherChaCha20Poly1305,
            _ => throw new UnreachableException(),
        };
        fixed (byte* k = key)
        {
            var datum = new GnuTlsDatum(k, key.Length);
            var result = GnuTlsNative.AeadCipherInit(out var cipher, algorithm, &datum);
            ThrowOnError(result, "set up packet protection");
            return cipher;
        }
    }

    private static GnuTlsCipherHandle NewHeaderCipher(QuicCipherSuite suite, ReadOnlySpan<byte> key)
    {
        var algorithm = suite switch
        {
            QuicCipherSuite.Aes128GcmSha256 => GnuTlsNative.CipherAes128Cbc,
            QuicCipherSuite.Aes256GcmSha384 => GnuTlsNative.CipherAes256Cbc,
            QuicCipherSuite.ChaCha20Poly1305Sha256 => GnuTlsNative.CipherChaCha20With32BitCounter,
            _ => throw new UnreachableException(),
        };
        Span<byte> zeros = stackalloc byte[IPacketProtector.SampleLength];
        zeros.Clear();
        fixed (byte* k = key, z = zeros)
        {
            var keyDatum = new GnuTlsDatum(k, key.Length);
            var ivDatum = new GnuTlsDatum(z, zeros.Length);
            var result = GnuTlsNative.CipherInit(out var cipher, algorithm, &keyDatum, &ivDatum);
            ThrowOnError(result, "set up header protection");
            return cipher;
        }
    }

    // Keys and lengths are ours, so an error here is no fault of a peer: the library refuses its work (FIPS mode, no
    // memory).
    private static void ThrowOnError(int result, string what)
    {
        if (result < 0)
        {
            throw new CryptographicException($"GnuTLS cannot {what}: {GnuTlsLibrary.ErrorText(result)}");
        }
    }
}
