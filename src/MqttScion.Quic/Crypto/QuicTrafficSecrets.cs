namespace MqttScion.Quic;

/// <summary>Traffic secrets of one level; a direction that is not yet known is null.</summary>
/// <param name="Level">The level that the secrets protect.</param>
/// <param name="Suite">The cipher suite that goes with them.</param>
/// <param name="ReadSecret">The secret for packets of the peer, or null.</param>
/// <param name="WriteSecret">The secret for our own packets, or null.</param>
public sealed record QuicTrafficSecrets(
    EncryptionLevel Level,
    QuicCipherSuite Suite,
    byte[]? ReadSecret,
    byte[]? WriteSecret);
