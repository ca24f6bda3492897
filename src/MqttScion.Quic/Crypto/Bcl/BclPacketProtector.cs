using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>
/// Packet protection with the base class library alone: portable, and the oracle of tests for that of others.
/// </summary>
/// <remarks>
/// Slower than native libraries: about 1 µs per packet for the AEAD and 1.4 µs plus 64 bytes of garbage for an AES
/// header mask. A forged packet costs an exception inside (about 5 µs), which is caught here.
/// </remarks>
internal sealed class BclPacketProtector : IPacketProtector
{
    private readonly byte[] _iv = new byte[KeySchedule.IvLength];
    private readonly byte[] _headerKey;
    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;
    private readonly Aes? _headerAes;

    /// <summary>Derives the keys; a null <paramref name="headerKey"/> is derived as well.</summary>
    public BclPacketProtector(QuicCipherSuite suite, ReadOnlySpan<byte> secret, byte[]? headerKey)
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
        if (suite == QuicCipherSuite.ChaCha20Poly1305Sha256)
        {
            _chaCha = new ChaCha20Poly1305(key);
        }
        else
        {
            _aes = new AesGcm(key, IPacketProtector.TagLength);
            _headerAes = Aes.Create();
            _headerAes.Key = _headerKey;
        }

        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>The header protection key, which outlives key updates.</summary>
    internal byte[] HeaderKey => _headerKey;

    /// <inheritdoc/>
    public void Seal(ulong packetNumber, Span<byte> packet, int headerLength)
    {
        Span<byte> nonce = stackalloc byte[KeySchedule.IvLength];
        KeySchedule.Nonce(_iv, packetNumber, nonce);
        var header = packet[..headerLength];
        var text = packet[headerLength..^IPacketProtector.TagLength];
        var tag = packet[^IPacketProtector.TagLength..];
        if (_aes is not null)
        {
            _aes.Encrypt(nonce, text, text, tag, header);
        }
        else
        {
            _chaCha!.Encrypt(nonce, text, text, tag, header);
        }
    }

    /// <inheritdoc/>
    public bool TryOpen(ulong packetNumber, Span<byte> packet, int headerLength)
    {
        if (packet.Length - headerLength < IPacketProtector.TagLength)
        {
            return false;
        }

        Span<byte> nonce = stackalloc byte[KeySchedule.IvLength];
        KeySchedule.Nonce(_iv, packetNumber, nonce);
        var header = packet[..headerLength];
        var text = packet[headerLength..^IPacketProtector.TagLength];
        var tag = packet[^IPacketProtector.TagLength..];
        try
        {
            if (_aes is not null)
            {
                _aes.Decrypt(nonce, text, tag, text, header);
            }
            else
            {
                _chaCha!.Decrypt(nonce, text, tag, text, header);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            // The library's only way to say that a packet is forged.
            return false;
        }
    }

    /// <inheritdoc/>
    public void HeaderMask(ReadOnlySpan<byte> sample, Span<byte> mask)
    {
        Span<byte> block = stackalloc byte[IPacketProtector.SampleLength];
        if (_headerAes is not null)
        {
            _headerAes.EncryptEcb(sample[..IPacketProtector.SampleLength], block, PaddingMode.None);
        }
        else
        {
            ChaCha20Block.KeyStream(_headerKey, sample[..IPacketProtector.SampleLength], block);
        }

        block[..IPacketProtector.MaskLength].CopyTo(mask);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _aes?.Dispose();
        _chaCha?.Dispose();
        _headerAes?.Dispose();
        CryptographicOperations.ZeroMemory(_headerKey);
    }
}
