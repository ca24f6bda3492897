using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MqttScion.Testnet;

/// <summary>AES-128-CMAC (RFC 4493) with a prepared key; allocates nothing per message.</summary>
/// <remarks>Not thread-safe: it reuses its blocks. One instance per loop.</remarks>
internal sealed class AesCmac : IDisposable
{
    /// <summary>The length of the key, of a block and of the full MAC, in bytes.</summary>
    internal const int BlockLength = 16;

    private readonly Aes _aes;
    private readonly ICryptoTransform _encryptor;
    private readonly UInt128 _wholeBlockKey;
    private readonly UInt128 _paddedBlockKey;
    private readonly byte[] _block = new byte[BlockLength];

    internal AesCmac(ReadOnlySpan<byte> key)
    {
        if (key.Length != BlockLength)
            throw new ArgumentException($"An AES-128-CMAC key has {BlockLength} bytes, got {key.Length}.", nameof(key));
        _aes = Aes.Create();
        _aes.Mode = CipherMode.ECB; // One block at a time: the chaining is done here, as RFC 4493 §2.4 writes it.
        _aes.Padding = PaddingMode.None;
        _aes.Key = key.ToArray();
        _encryptor = _aes.CreateEncryptor();
        _wholeBlockKey = Double(Encrypt(UInt128.Zero));
        _paddedBlockKey = Double(_wholeBlockKey);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encryptor.Dispose();
        _aes.Dispose();
    }

    /// <summary>Writes the 16-byte MAC of the message.</summary>
    internal void Compute(ReadOnlySpan<byte> message, Span<byte> mac)
    {
        var chain = UInt128.Zero;
        while (message.Length > BlockLength)
        {
            chain = Encrypt(chain ^ BinaryPrimitives.ReadUInt128BigEndian(message));
            message = message[BlockLength..];
        }
        Span<byte> last = stackalloc byte[BlockLength];
        last.Clear();
        message.CopyTo(last);
        if (message.Length < BlockLength)
            last[message.Length] = 0x80;
        var lastKey = message.Length == BlockLength ? _wholeBlockKey : _paddedBlockKey;
        chain = Encrypt(chain ^ BinaryPrimitives.ReadUInt128BigEndian(last) ^ lastKey);
        BinaryPrimitives.WriteUInt128BigEndian(mac, chain);
    }

    /// <summary>The MAC of a message of exactly one block, as a number: one AES call.</summary>
    internal UInt128 ComputeBlock(UInt128 block) => Encrypt(block ^ _wholeBlockKey);

    // RFC 4493 §2.3: doubling in GF(2^128).
    private static UInt128 Double(UInt128 value) => value << 1 ^ ((value >> 127) == 0 ? UInt128.Zero : 0x87);

    private UInt128 Encrypt(UInt128 block)
    {
        BinaryPrimitives.WriteUInt128BigEndian(_block, block);
        _encryptor.TransformBlock(_block, 0, BlockLength, _block, 0);
        return BinaryPrimitives.ReadUInt128BigEndian(_block);
    }
}
