using System.Buffers.Binary;

namespace MqttScion.Simulation;

/// <summary>Makes the protectors of one host.</summary>
internal sealed class CheapProtectors : IPacketProtectorFactory
{
    /// <summary>Sees the packets of the connection that is at work, if anyone does.</summary>
    public ConnectionObserver? Observer { get; set; }

    public IPacketProtector Create(QuicCipherSuite suite, ReadOnlySpan<byte> secret)
    {
        var key = Fold(secret);
        return new CheapProtector(key, SimRandom.Mix(key), this);
    }

    public IPacketProtector CreateUpdated(
        QuicCipherSuite suite, ReadOnlySpan<byte> secret, IPacketProtector current) =>
        new CheapProtector(Fold(secret), ((CheapProtector)current).HeaderKey, this);

    private static ulong Fold(ReadOnlySpan<byte> secret)
    {
        var key = 0UL;
        for (var offset = 0; offset + sizeof(ulong) <= secret.Length; offset += sizeof(ulong))
            key = SimRandom.Mix(key ^ BinaryPrimitives.ReadUInt64LittleEndian(secret[offset..]));
        return key;
    }
}
