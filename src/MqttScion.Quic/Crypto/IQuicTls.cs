using System.Diagnostics.CodeAnalysis;

namespace MqttScion.Quic;

/// <summary>
/// One TLS 1.3 handshake as QUIC needs it (RFC 9001 §4): CRYPTO bytes in and out by level, secrets out. Does no I/O.
/// </summary>
/// <remarks>
/// <para>
/// Calls come from one thread at a time. After the first failure the handshake stays failed with that failure, and
/// gives out neither bytes nor secrets any more. The implementation trusts its caller on nothing: bytes at a level that
/// is not the current read level are a failure. So take all secrets, then all bytes, after each call that takes
/// something in.
/// </para>
/// <para>
/// <see cref="TryStart"/> and <see cref="TryReadHandshake"/> may leave the work to another thread: they then return
/// true with <see cref="IsBusy"/> set. While it is, the caller reads no other member and calls none but
/// <see cref="IDisposable.Dispose"/>, which returns at once: the implementation lets go of what the other thread still
/// uses when that is through. An implementation that becomes busy tells its owner by means of its own when a step is
/// through; the owner then calls <see cref="QuicConnection.OnTlsProgress"/>.
/// </para>
/// </remarks>
public interface IQuicTls : IDisposable
{
    /// <summary>
    /// True while a step is computed on another thread; only a call of the owner makes it true. Everything that the
    /// step changed is visible to a thread that reads false.
    /// </summary>
    bool IsBusy { get; }

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
    /// True when the session goes on from an earlier one: certificates were not exchanged, but those of the earlier
    /// session were checked again.
    /// </summary>
    bool IsResumed { get; }

    /// <summary>
    /// True once the server accepted early data (RFC 8446 §4.2.10). A client knows when it has the transport parameters
    /// of the server.
    /// </summary>
    bool IsEarlyDataAccepted { get; }

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

    /// <summary>Gives the next session ticket that a client got; false when there is none.</summary>
    bool TryTakeTicket([NotNullWhen(true)] out QuicTlsTicket? ticket);
}
