namespace MqttScion.Quic;

/// <summary>
/// Packet and header protection of one direction of one level (RFC 9001 §5). Used by one thread at a time.
/// </summary>
public interface IPacketProtector : IDisposable
{
    /// <summary>The length of the authentication tag: 16 for every suite of QUIC v1.</summary>
    const int TagLength = 16;

    /// <summary>The length of the header protection sample.</summary>
    const int SampleLength = 16;

    /// <summary>The length of the header protection mask.</summary>
    const int MaskLength = 5;

    /// <summary>
    /// Seals in place: <paramref name="packet"/> holds the header (<paramref name="headerLength"/> bytes, the
    /// associated data, packet number unprotected), then the plaintext, then room for the tag.
    /// </summary>
    void Seal(ulong packetNumber, Span<byte> packet, int headerLength);

    /// <summary>
    /// Opens in place: header as for <see cref="Seal"/>, then ciphertext and tag. False when the packet is not
    /// authentic; the bytes after the header are then undefined. Never throws on forged input.
    /// </summary>
    bool TryOpen(ulong packetNumber, Span<byte> packet, int headerLength);

    /// <summary>Writes the 5-byte header protection mask for a sample (RFC 9001 §5.4).</summary>
    void HeaderMask(ReadOnlySpan<byte> sample, Span<byte> mask);
}

/// <summary>Makes packet protectors; the seam between the engine and a crypto library.</summary>
public interface IPacketProtectorFactory
{
    /// <summary>
    /// Makes the protector for a traffic secret; key, IV and header protection key are derived from it (RFC 9001 §5.1).
    /// </summary>
    IPacketProtector Create(QuicCipherSuite suite, ReadOnlySpan<byte> secret);

    /// <summary>
    /// Makes the protector of the next key phase: <paramref name="secret"/> is the updated secret, the header
    /// protection key stays that of <paramref name="current"/> (RFC 9001 §6.1).
    /// </summary>
    IPacketProtector CreateUpdated(QuicCipherSuite suite, ReadOnlySpan<byte> secret, IPacketProtector current);
}
