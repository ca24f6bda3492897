using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>The encryption levels of RFC 9001 §2.1, in the order in which a connection passes them.</summary>
public enum EncryptionLevel
{
    /// <summary>Initial packets, protected with keys that everyone can derive.</summary>
    Initial,

    /// <summary>0-RTT packets.</summary>
    EarlyData,

    /// <summary>Handshake packets.</summary>
    Handshake,

    /// <summary>1-RTT packets.</summary>
    Application,
}

/// <summary>The TLS 1.3 cipher suites that QUIC uses.</summary>
public enum QuicCipherSuite
{
    /// <summary>TLS_AES_128_GCM_SHA256.</summary>
    Aes128GcmSha256,

    /// <summary>TLS_AES_256_GCM_SHA384.</summary>
    Aes256GcmSha384,

    /// <summary>TLS_CHACHA20_POLY1305_SHA256.</summary>
    ChaCha20Poly1305Sha256,
}

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

/// <summary>Why a TLS handshake failed.</summary>
/// <param name="Alert">The TLS alert; the connection closes with CRYPTO_ERROR 0x0100 + alert (RFC 9001 §4.8).</param>
/// <param name="Reason">What failed, what was expected and what came; holds no secrets.</param>
public sealed record QuicTlsFailure(byte Alert, string Reason);

/// <summary>
/// One TLS 1.3 handshake as QUIC needs it (RFC 9001 §4): CRYPTO bytes in and out by level, secrets out. Synchronous,
/// does no I/O.
/// </summary>
/// <remarks>
/// Calls come from one thread at a time. After the first failure the handshake stays failed with that failure, and
/// gives out neither bytes nor secrets any more. The implementation trusts its caller on nothing: bytes at a level that
/// is not the current read level are a failure. So take all secrets, then all bytes, after each call that takes
/// something in.
/// </remarks>
public interface IQuicTls : IDisposable
{
    /// <summary>
    /// True once TLS reports the handshake complete (RFC 9001 §4.1.1). A client is complete before the server has
    /// judged its certificate: only the HANDSHAKE_DONE frame says that it is accepted.
    /// </summary>
    bool IsComplete { get; }

    /// <summary>The first failure, or null.</summary>
    QuicTlsFailure? Failure { get; }

    /// <summary>The protocol that ALPN selected, or null while unknown.</summary>
    string? ApplicationProtocol { get; }

    /// <summary>The peer's encoded transport parameters, or null while they have not come.</summary>
    byte[]? PeerTransportParameters { get; }

    /// <summary>The peer's leaf certificate (DER), or null when none was presented or none has come yet.</summary>
    byte[]? PeerCertificate { get; }

    /// <summary>
    /// Starts the handshake with our encoded transport parameters. A client has its ClientHello to write afterwards.
    /// </summary>
    bool TryStart(ReadOnlySpan<byte> transportParameters);

    /// <summary>
    /// Takes CRYPTO bytes of the peer, in stream order of that level. False when the handshake failed.
    /// </summary>
    bool TryReadHandshake(EncryptionLevel level, ReadOnlySpan<byte> data);

    /// <summary>Gives the next CRYPTO bytes to send, in order; false when there are none at the moment.</summary>
    bool TryWriteHandshake(out EncryptionLevel level, [NotNullWhen(true)] out byte[]? data);

    /// <summary>
    /// Gives the next secrets that became available, in order; false when there are none at the moment.
    /// </summary>
    bool TryTakeSecrets([NotNullWhen(true)] out QuicTrafficSecrets? secrets);
}

/// <summary>Makes one <see cref="IQuicTls"/> per connection from credentials that are loaded once.</summary>
public interface IQuicTlsFactory : IDisposable
{
    /// <summary>
    /// Makes the client side of a handshake. <paramref name="serverName"/> is the name (DNS or IP text) that the
    /// server's certificate must carry; it is always checked.
    /// </summary>
    IQuicTls CreateClient(string serverName);

    /// <summary>Makes the server side of a handshake.</summary>
    IQuicTls CreateServer();
}
