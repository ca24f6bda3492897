using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>
/// Carries TLS in CRYPTO frames (RFC 9001 §4.1): what came goes to TLS by level and in order, and what TLS has goes
/// into the packet number spaces and to the connection.
/// </summary>
internal sealed class HandshakeDriver(
    IQuicTls tls, bool isServer, PacketSpace[] spaces, IHandshakeOutcomes outcomes)
{
    private readonly PostHandshakeMessages _postHandshake = new();
    private IQuicTls? _tls = tls;
    private bool _isComplete;

    /// <summary>The level at which TLS reads.</summary>
    public EncryptionLevel ReadLevel { get; private set; } = EncryptionLevel.Initial;

    /// <summary>Whether TLS computes a step on another thread, whose outcome was not taken yet.</summary>
    public bool IsAwaitingTls { get; private set; }

    /// <summary>True once there is nothing more to come of TLS.</summary>
    public bool IsReleased => _tls is null;

    public bool HasPeerParameters { get; private set; }

    public byte[]? PeerCertificate { get; private set; }

    /// <summary>Client: the server's word on early data, which comes with its transport parameters.</summary>
    public bool IsEarlyDataAccepted => _tls is { IsEarlyDataAccepted: true };

    public void Start(ReadOnlySpan<byte> transportParameters, TimeSpan now)
    {
        _tls?.TryStart(transportParameters);
        Pump(now);
    }

    /// <summary>Goes on after a step on another thread; there may be nothing to go on with.</summary>
    public void Resume(TimeSpan now)
    {
        Pump(now);
        Feed(now);
    }

    /// <summary>CRYPTO bytes are buffered by level and handed to TLS in order (RFC 9001 §4.1.3).</summary>
    public void Receive(PacketSpace space, in Frame frame, TimeSpan now)
    {
        var offset = (long)frame.Offset;
        var end = offset + frame.Data.Length;
        if (end - space.CryptoIn.Start > PacketSpace.MaxCryptoBytes)
        {
            outcomes.OnFailed(QuicError.CryptoBufferExceeded, "too much CRYPTO data is out of order", now);
            return;
        }

        if (space.Level < ReadLevel)
        {
            // RFC 9001 §4.1.3: a level that TLS has left can only repeat what was read.
            if (end > space.CryptoIn.Start)
                outcomes.OnFailed(QuicError.ProtocolViolation, "CRYPTO data came for a level that is over", now);
            return;
        }

        if (!space.CryptoIn.TryAdd(offset, frame.Data))
        {
            outcomes.OnFailed(QuicError.CryptoBufferExceeded, "CRYPTO data has too many gaps", now);
            return;
        }

        Feed(now);
    }

    // RFC 9001 §6: key updates need no TLS.
    public void Release()
    {
        _tls?.Dispose();
        _tls = null;
        IsAwaitingTls = false;
    }

    /// <summary>Hands TLS what came in order at the level that it reads, for as long as it takes it at once.</summary>
    private void Feed(TimeSpan now)
    {
        Span<byte> chunk = stackalloc byte[2048];
        while (outcomes.IsAlive && !IsAwaitingTls && SpaceOf(ReadLevel) is var space &&
            space.CryptoIn.Read(chunk) is > 0 and var length)
        {
            if (space.Id == SpaceId.Application &&
                _postHandshake.Follow(chunk[..length], isServer) is { } violation)
            {
                outcomes.OnFailed(violation.Error, violation.Reason, now);
                return;
            }

            // Tickets that come late are not worth the memory of a session.
            _tls?.TryReadHandshake(space.Level, chunk[..length]);
            Pump(now);
        }
    }

    /// <summary>
    /// Takes everything that TLS has for us: secrets, bytes, the peer's parameters, completion, failure. A step on
    /// another thread ends with <see cref="Resume"/>, whatever <see cref="IQuicTls.IsBusy"/> says before it.
    /// </summary>
    private void Pump(TimeSpan now)
    {
        IsAwaitingTls = _tls is { IsBusy: true };
        if (IsAwaitingTls || _tls is not { } tls)
            return;
        TakeSecrets(tls);
        if (HasUnreadBelowLevel())
        {
            outcomes.OnFailed(
                QuicError.ProtocolViolation, "CRYPTO data follows the last message of its level", now);
            return;
        }

        while (tls.TryWriteHandshake(out var level, out var data))
        {
            if (SpaceOf(level).CryptoOut.Write(data) == data.Length)
                continue;
            const string reason = "our certificate chain is too long for the CRYPTO buffer";
            outcomes.OnFailed(QuicError.InternalError, reason, now);
            return;
        }

        PeerCertificate ??= tls.PeerCertificate;
        if (tls.Failure is { } failure)
        {
            var error = (QuicError)((ulong)QuicError.CryptoError + failure.Alert);
            outcomes.OnFailed(error, failure.Reason, now);
            return;
        }

        if (!HasPeerParameters && tls.PeerTransportParameters is { } encoded)
        {
            if (!outcomes.TryTakeParameters(encoded, now))
                return;
            HasPeerParameters = true;
        }

        if (tls.IsComplete && !_isComplete)
        {
            _isComplete = true;
            outcomes.OnComplete(tls, now);
        }

        while (tls.TryTakeTicket(out var ticket))
            outcomes.OnTicket(ticket, now);
        // A server has nothing more from TLS once its tickets are taken, and takes no TLS message any more.
        if (isServer && _isComplete)
            Release();
    }

    private void TakeSecrets(IQuicTls tls)
    {
        while (tls.TryTakeSecrets(out var secrets))
        {
            outcomes.OnSecrets(secrets);
            var isReadLevel = secrets.ReadSecret is not null && secrets.Level != EncryptionLevel.EarlyData;
            if (isReadLevel && secrets.Level > ReadLevel)
                ReadLevel = secrets.Level;
        }
    }

    // RFC 9001 §4.1.3: when TLS goes on to another level it has read all of the one before.
    private bool HasUnreadBelowLevel()
    {
        foreach (var space in spaces)
        {
            if (space.Level < ReadLevel && !space.IsDiscarded && space.CryptoIn.End > space.CryptoIn.Start)
                return true;
        }

        return false;
    }

    private PacketSpace SpaceOf(EncryptionLevel level) => spaces[(int)(level switch
    {
        EncryptionLevel.Initial => SpaceId.Initial,
        EncryptionLevel.Handshake => SpaceId.Handshake,
        EncryptionLevel.Application => SpaceId.Application,
        _ => throw new UnreachableException("0-RTT packets carry no CRYPTO frames"),
    })];
}
