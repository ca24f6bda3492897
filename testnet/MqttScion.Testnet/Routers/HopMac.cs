namespace MqttScion.Testnet;

/// <summary>The MAC of a hop field: the first six bytes of an AES-128-CMAC over one block.</summary>
/// <remarks>
/// SCION header specification, "Hop Field MAC Computation". Not thread-safe; one instance per loop. Allocates nothing
/// per MAC.
/// </remarks>
internal sealed class HopMac : IDisposable
{
    /// <summary>The length of the MAC in a hop field, in bytes.</summary>
    internal const int Length = 6;

    private readonly AesCmac _cmac;

    /// <summary>Prepares a 16-byte forwarding key.</summary>
    internal HopMac(byte[] key) => _cmac = new AesCmac(key);

    /// <inheritdoc/>
    public void Dispose() => _cmac.Dispose();

    /// <summary>Computes one MAC with a key that is not kept.</summary>
    internal static void Compute(
        ReadOnlySpan<byte> key,
        ushort beta,
        uint timestamp,
        byte expTime,
        ushort consIngress,
        ushort consEgress,
        Span<byte> mac)
    {
        using var prepared = new HopMac(key.ToArray());
        prepared.Compute(beta, timestamp, expTime, consIngress, consEgress, mac);
    }

    /// <summary>Computes one MAC into the first six bytes of <paramref name="mac"/>.</summary>
    internal void Compute(
        ushort beta, uint timestamp, byte expTime, ushort consIngress, ushort consEgress, Span<byte> mac)
    {
        var value = Compute(beta, timestamp, expTime, consIngress, consEgress);
        for (var i = Length - 1; i >= 0; i--, value >>= 8)
            mac[i] = (byte)value;
    }

    /// <summary>Computes one MAC as a number of 48 bits, first byte highest.</summary>
    internal ulong Compute(ushort beta, uint timestamp, byte expTime, ushort consIngress, ushort consEgress)
    {
        var upper = (ulong)beta << 32 | timestamp;
        var lower = (ulong)expTime << 48 | (ulong)consIngress << 32 | (ulong)consEgress << 16;
        return (ulong)(_cmac.ComputeBlock(new UInt128(upper, lower)) >> 80);
    }
}
