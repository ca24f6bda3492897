using System.Buffers.Binary;
using System.Security.Cryptography;
using MqttScion.Scion;

namespace MqttScion.Testnet;

/// <summary>The secret forwarding key of each AS, all derived from one seed.</summary>
public sealed class ForwardingKeys
{
    private const int KeyLength = 16;
    private readonly byte[] _seed;

    /// <summary>Takes keys from a random seed.</summary>
    public ForwardingKeys()
        : this(RandomNumberGenerator.GetBytes(32))
    {
    }

    /// <summary>Takes keys from a given seed: the same seed gives the same keys.</summary>
    public ForwardingKeys(ReadOnlySpan<byte> seed) => _seed = seed.ToArray();

    /// <summary>The 16-byte key with which an AS authenticates its hop fields.</summary>
    public byte[] KeyOf(IsdAs isdAs)
    {
        Span<byte> label = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(label, isdAs.Value);
        return HMACSHA256.HashData(_seed, label)[..KeyLength];
    }
}
