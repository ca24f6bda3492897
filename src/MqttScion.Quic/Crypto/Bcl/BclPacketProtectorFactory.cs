namespace MqttScion.Quic;

/// <summary>
/// Makes packet protectors that need nothing but the base class library; the portable fallback, slower than that of
/// <see cref="QuicCrypto.Default"/>.
/// </summary>
public sealed class BclPacketProtectorFactory : IPacketProtectorFactory
{
    /// <inheritdoc/>
    public IPacketProtector Create(QuicCipherSuite suite, ReadOnlySpan<byte> secret) =>
        new BclPacketProtector(suite, secret, headerKey: null);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException"><paramref name="current"/> was made by another factory.</exception>
    public IPacketProtector CreateUpdated(QuicCipherSuite suite, ReadOnlySpan<byte> secret, IPacketProtector current) =>
        current is BclPacketProtector own
            ? new BclPacketProtector(suite, secret, own.HeaderKey)
            : throw new ArgumentException("the current protector was made by another factory", nameof(current));
}
