using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <content>Session tickets, resumption and early data.</content>
internal sealed unsafe partial class GnuTlsSession
{
    private const int EarlyDataFlags = GnuTlsNative.FlagEnableEarlyData | GnuTlsNative.FlagNoEndOfEarlyData;

    // RFC 9001 §4.6.1: the one value that QUIC allows.
    private const uint UnlimitedEarlyData = uint.MaxValue;

    private const int MaxTickets = 4;

    private readonly Queue<QuicTlsTicket> _tickets = new();
    private GnuTlsTicketIssuer? _earlyDataIssuer;
    private bool _issuesTickets;
    private bool _hasHello;
    private bool _takesEarlyData;
    private bool _isResumedPeerChecked;
    private byte[]? _resumedLeaf;
    private readonly List<QuicTrafficSecrets> _heldSecrets = [];
    private QuicTrafficSecrets? _heldEarlySecrets;

    /// <inheritdoc/>
    public bool IsResumed { get; private set; }

    /// <inheritdoc/>
    public bool IsEarlyDataAccepted { get; private set; }

    /// <inheritdoc/>
    public bool TryTakeTicket([NotNullWhen(true)] out QuicTlsTicket? ticket) => _tickets.TryDequeue(out ticket);

    /// <summary>
    /// Makes a client that was not started resume a session. False when it cannot be used, or when its certificates
    /// would not be accepted now: the client is then of no use any more.
    /// </summary>
    public bool TryResume(ReadOnlySpan<byte> state)
    {
        // Early data must go to nobody whose certificate is not good any more, so it is checked before the handshake,
        // when GnuTLS does not give it out.
        if (!ResumptionState.TryRead(state, out var read) ||
            !CryptographicOperations.FixedTimeEquals(read.Identity, _settings.Identity) ||
            read.PeerChain.Count == 0 || _peerCheck.Judge(read.PeerChain) is not null)
        {
            return false;
        }

        _isResumedPeerChecked = true;
        _resumedLeaf = read.PeerChain[0];
        fixed (byte* d = read.Session)
        {
            return GnuTlsNative.SessionSetData(_handle, d, (nuint)read.Session.Length) >= 0;
        }
    }

    private void IssueTickets(GnuTlsTicketIssuer issuer, ReadOnlySpan<byte> context, bool acceptsEarlyData)
    {
        _issuesTickets = true;
        var key = issuer.KeyFor(context);
        fixed (byte* k = key)
        {
            var datum = new GnuTlsDatum(k, key.Length);
            ThrowOnError(GnuTlsNative.SessionTicketEnableServer(_handle, &datum));
        }

        GnuTlsNative.DatabaseSetExpiration(_handle, (int)issuer.Lifetime.TotalSeconds);
        if (!acceptsEarlyData)
        {
            return;
        }

        _earlyDataIssuer = issuer;
        ThrowOnError(GnuTlsNative.RecordSetMaxEarlyDataSize(_handle, UnlimitedEarlyData));
        _handle.Keep(issuer.AntiReplay);
        GnuTlsNative.AntiReplayEnable(_handle, issuer.AntiReplay);
    }

    private bool TrySendTicket()
    {
        var result = GnuTlsNative.SessionTicketSend(_handle, 1, 0);
        GC.KeepAlive(this);
        return result >= 0 || Fail(result);
    }

    // GnuTLS verifies no certificates when a session is resumed, and has those of the session before when the handshake
    // is over. A server opens and seals nothing of the application before, unless it accepted early data.
    private bool TryCheckResumedPeer()
    {
        if (_isResumedPeerChecked)
        {
            PeerCertificate ??= _resumedLeaf;
            return !_isServer || IsOfResumedPeer(PeerChain()) ||
                Fail(TlsAlert.InternalError, "the resumed session is not of the client whose early data was taken");
        }

        if (VerifyPeer() < 0)
        {
            return false;
        }

        OnResumedPeerChecked();
        return true;
    }

    private bool IsOfResumedPeer(byte[][] chain) =>
        _resumedLeaf is null ? chain.Length == 0 : chain.Length > 0 && chain[0].AsSpan().SequenceEqual(_resumedLeaf);

    private void OnResumedPeerChecked()
    {
        _isResumedPeerChecked = true;
        _heldSecrets.ForEach(_secrets.Enqueue);
        _heldSecrets.Clear();
    }

    private void AddSecrets(QuicTrafficSecrets secrets)
    {
        switch (secrets.Level)
        {
            case EncryptionLevel.EarlyData when _isServer:
                // A HelloRetryRequest rejects early data (RFC 8446 §4.2.10); GnuTLS has given its secret by then.
                _heldEarlySecrets = _takesEarlyData ? secrets : null;
                break;
            case EncryptionLevel.Application when _isServer && !_isResumedPeerChecked && IsResuming:
                _heldSecrets.Add(secrets);
                break;
            case EncryptionLevel.Handshake when _heldEarlySecrets is { } early:
                _heldEarlySecrets = null;
                IsEarlyDataAccepted = true;
                _secrets.Enqueue(early);
                _secrets.Enqueue(secrets);
                break;
            default:
                _secrets.Enqueue(secrets);
                break;
        }
    }

    // A ticket whose holder's certificates are not good (any more), or not known, brings no early data.
    private bool PermitsEarlyData(ReadOnlySpan<byte> hello, out ReadOnlySpan<byte> binder)
    {
        binder = default;
        // The second ClientHello answers a HelloRetryRequest.
        var isFirst = !_hasHello;
        _hasHello = true;
        if (_earlyDataIssuer is null || !isFirst || !OfferedTicket.TryRead(hello, out var ticket) ||
            !_earlyDataIssuer.Holders.TryGet(ticket.Identity, out var chain))
        {
            return false;
        }

        if (chain.Length == 0 ? _needsPeerCertificate : _peerCheck.Judge(chain) is not null)
        {
            return false;
        }

        _resumedLeaf = chain.Length == 0 ? null : chain[0];
        binder = ticket.Binder;
        return true;
    }

    private bool TryHandlePermitted(ReadOnlySpan<byte> hello, ReadOnlySpan<byte> binder)
    {
        // The guard against replays is one for all sessions, and knows this one by the binder.
        var memory = _earlyDataIssuer!.Memory;
        memory.Permit(binder);
        _takesEarlyData = true;
        var isHandled = TryHand(EncryptionLevel.Initial, hello);
        _takesEarlyData = false;
        _heldEarlySecrets = null;
        memory.Withdraw(binder);
        if (IsEarlyDataAccepted)
        {
            PeerCertificate = _resumedLeaf;
            OnResumedPeerChecked();
        }

        return isHandled;
    }

    private void RememberHolder(ReadOnlySpan<byte> message)
    {
        if (_earlyDataIssuer is not null && NewSessionTicket.TryRead(message, out var ticket))
        {
            _earlyDataIssuer.Holders.Add(ticket.Ticket, PeerChain());
        }
    }

    private void KeepTicket(ReadOnlySpan<byte> message)
    {
        if (!HasFlag(GnuTlsNative.SessionFlagTicket) || !NewSessionTicket.TryRead(message, out var ticket))
        {
            return;
        }

        GnuTlsDatum data;
        var result = GnuTlsNative.SessionGetData(_handle, &data);
        GC.KeepAlive(this);
        if (result < 0)
        {
            return;
        }

        if (_tickets.Count == MaxTickets)
        {
            _tickets.Dequeue();
        }

        var allowsEarlyData = ticket.MaxEarlyDataBytes == UnlimitedEarlyData;
        var state = new ResumptionState(_settings.Identity, PeerChain(), data.ToArray());
        _tickets.Enqueue(new QuicTlsTicket(state.Write(), ticket.Lifetime, allowsEarlyData));
        NativeMemory.Clear(data.Start, data.Length);
        NativeMemory.Free(data.Start);
    }

    private bool IsResuming => GnuTlsNative.SessionIsResumed(_handle) != 0;

    private bool HasFlag(uint flag) => (GnuTlsNative.SessionGetFlags(_handle) & flag) != 0;
}
