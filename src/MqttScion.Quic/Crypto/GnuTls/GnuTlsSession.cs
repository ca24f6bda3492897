using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace MqttScion.Quic;

/// <summary>One TLS 1.3 handshake on GnuTLS through its QUIC hooks.</summary>
/// <remarks>
/// GnuTLS leaves some rules of QUIC to its user, and they are kept here: it gets whole messages only, each at the level
/// that is being read and of a type that this role may get there (<see cref="AllowedMessages"/>), and it is not called
/// again after its first fatal error or, except to take tickets, after completion.
/// </remarks>
internal sealed unsafe partial class GnuTlsSession : IQuicTls
{
    private readonly GnuTlsSessionHandle _handle;
    private readonly GnuTlsTuning _tuning;
    private readonly QuicTlsSettings _settings;
    private readonly bool _isServer;
    private readonly bool _needsPeerCertificate;
    private readonly PeerCheck _peerCheck;
    private readonly HandshakeMessageReader _messages = new();
    private readonly Queue<(EncryptionLevel Level, byte[] Bytes)> _outgoing = new();
    private readonly Queue<QuicTrafficSecrets> _secrets = new();
    private byte[]? _transportParameters;
    private byte? _alert;
    private EncryptionLevel _readLevel = EncryptionLevel.Initial;

    private GnuTlsSession(
        bool isServer,
        int resumption,
        bool needsPeerCertificate,
        GnuTlsTuning tuning,
        QuicTlsSettings settings,
        PeerCheck peerCheck)
    {
        _isServer = isServer;
        _needsPeerCertificate = needsPeerCertificate;
        _tuning = tuning;
        _settings = settings;
        _peerCheck = peerCheck;

        // A client sends its one certificate whatever CAs the server names: the server's verdict on it says more than
        // "no certificate" would. It sends one key share, of the group that every TLS 1.3 peer has (RFC 8446 §9.1).
        var flags = GnuTlsNative.FlagNonBlocking | GnuTlsNative.FlagNoSignal | resumption | (isServer
            ? GnuTlsNative.FlagServer | GnuTlsNative.FlagNoAutoSendTicket
            : GnuTlsNative.FlagClient | GnuTlsNative.FlagForceClientCertificate | GnuTlsNative.FlagKeyShareTop);
        ThrowOnError(GnuTlsNative.Init(out _handle, (uint)flags));
    }

    /// <inheritdoc/>
    public bool IsBusy => false;

    /// <inheritdoc/>
    public bool IsComplete { get; private set; }

    /// <inheritdoc/>
    public QuicTlsFailure? Failure { get; private set; }

    /// <inheritdoc/>
    public string? ApplicationProtocol { get; private set; }

    /// <inheritdoc/>
    public byte[]? PeerTransportParameters { get; private set; }

    /// <inheritdoc/>
    public byte[]? PeerCertificate { get; private set; }

    /// <summary>Makes the client side.</summary>
    public static GnuTlsSession ForClient(
        GnuTlsCredentialsHandle credentials,
        GnuTlsPriorityHandle priority,
        GnuTlsTuning tuning,
        QuicTlsSettings settings,
        PeerCheck peerCheck,
        PeerName name,
        bool offersEarlyData)
    {
        var resumption = offersEarlyData ? EarlyDataFlags : 0;
        var session = new GnuTlsSession(
            isServer: false, resumption, needsPeerCertificate: true, tuning, settings, peerCheck);
        session.SetUp(credentials, priority);
        if (name.Address is null)
        {
            fixed (byte* n = Encoding.ASCII.GetBytes(name.Text))
            {
                ThrowOnError(GnuTlsNative.ServerNameSet(
                    session._handle,
                    GnuTlsNative.ServerNameDns,
                    n,
                    (nuint)name.Text.Length));
            }
        }

        return session;
    }

    /// <summary>Makes the server side.</summary>
    public static GnuTlsSession ForServer(
        GnuTlsCredentialsHandle credentials,
        GnuTlsPriorityHandle priority,
        GnuTlsTuning tuning,
        QuicTlsSettings settings,
        PeerCheck peerCheck,
        GnuTlsTicketIssuer? issuer,
        ReadOnlySpan<byte> ticketContext,
        bool acceptsEarlyData)
    {
        var needsPeerCertificate = settings.Demand == ClientCertificateDemand.Required;
        var resumption = issuer is null ? GnuTlsNative.FlagNoTickets : acceptsEarlyData ? EarlyDataFlags : 0;
        var session = new GnuTlsSession(isServer: true, resumption, needsPeerCertificate, tuning, settings, peerCheck);
        session.SetUp(credentials, priority);
        GnuTlsNative.CertificateServerSetRequest(session._handle, RequestOf(settings.Demand));
        if (issuer is not null)
        {
            session.IssueTickets(issuer, ticketContext, acceptsEarlyData);
        }

        return session;
    }

    /// <inheritdoc/>
    public bool TryStart(ReadOnlySpan<byte> transportParameters)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (_transportParameters is not null)
        {
            throw new InvalidOperationException("the handshake was started before");
        }

        _transportParameters = transportParameters.ToArray();
        return _isServer || Continue();
    }

    /// <inheritdoc/>
    public bool TryReadHandshake(EncryptionLevel level, ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (_transportParameters is null)
        {
            throw new InvalidOperationException("the handshake was not started");
        }

        if (Failure is not null)
        {
            return false;
        }

        while (!data.IsEmpty)
        {
            if (level != _readLevel)
            {
                return Fail(TlsAlert.UnexpectedMessage, $"handshake bytes at level {level}, expected {_readLevel}");
            }

            if (!_messages.TryRead(ref data, out var message))
            {
                return !_messages.IsTooLong || Fail(
                    TlsAlert.DecodeError,
                    $"a handshake message is longer than {HandshakeMessageReader.MaxMessageLength} bytes");
            }

            if (!TryHandle(level, message))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryWriteHandshake(out EncryptionLevel level, [NotNullWhen(true)] out byte[]? data)
    {
        (level, data) = Failure is null && _outgoing.TryDequeue(out var next) ? next : default;
        return data is not null;
    }

    /// <inheritdoc/>
    public bool TryTakeSecrets([NotNullWhen(true)] out QuicTrafficSecrets? secrets)
    {
        secrets = null;
        return Failure is null && _secrets.TryDequeue(out secrets);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int RequestOf(ClientCertificateDemand demand) => demand switch
    {
        ClientCertificateDemand.Required => GnuTlsNative.CertificateRequire,
        ClientCertificateDemand.Optional => GnuTlsNative.CertificateRequest,
        _ => GnuTlsNative.CertificateIgnore,
    };

    private void SetUp(GnuTlsCredentialsHandle credentials, GnuTlsPriorityHandle priority)
    {
        GnuTlsNative.SessionSetPointer(_handle, _handle.LinkTo(this));
        _handle.Keep(credentials);
        ThrowOnError(GnuTlsNative.CredentialsSet(_handle, GnuTlsNative.CredentialsCertificate, credentials));
        ThrowOnError(GnuTlsNative.PrioritySet(_handle, priority));
        // By itself GnuTLS writes secrets wherever the environment's SSLKEYLOGFILE says.
        GnuTlsNative.SessionSetKeyLogFunction(_handle, function: 0);
        InstallCallbacks();
        if (_tuning.SendsApplicationProtocols)
        {
            SetApplicationProtocols(_settings.ApplicationProtocols);
        }
    }

    private void SetApplicationProtocols(byte[][] protocols)
    {
        var lengths = protocols.Sum(protocol => protocol.Length);
        var bytes = new byte[lengths];
        var datums = new GnuTlsDatum[protocols.Length];
        fixed (byte* b = bytes)
        fixed (GnuTlsDatum* d = datums)
        {
            var offset = 0;
            for (var i = 0; i < protocols.Length; i++)
            {
                protocols[i].CopyTo(bytes, offset);
                datums[i] = new GnuTlsDatum(b + offset, protocols[i].Length);
                offset += protocols[i].Length;
            }

            ThrowOnError(GnuTlsNative.AlpnSetProtocols(_handle, d, (uint)datums.Length, GnuTlsNative.AlpnMandatory));
        }
    }

    private bool TryHandle(EncryptionLevel level, ReadOnlySpan<byte> message)
    {
        if (!AllowedMessages.Contains(level, _isServer, (HandshakeMessageType)message[0]))
        {
            return Fail(TlsAlert.UnexpectedMessage, $"handshake message type {message[0]} at level {level}");
        }

        return level == EncryptionLevel.Initial && PermitsEarlyData(message, out var binder)
            ? TryHandlePermitted(message, binder)
            : TryHand(level, message);
    }

    private bool TryHand(EncryptionLevel level, ReadOnlySpan<byte> message)
    {
        int result;
        fixed (byte* m = message)
        {
            result = GnuTlsNative.HandshakeWrite(_handle, (int)level, m, (nuint)message.Length);
        }

        GC.KeepAlive(this);
        if (result < 0 && result is not (GnuTlsNative.ErrorAgain or GnuTlsNative.ErrorInterrupted))
        {
            return Fail(result);
        }

        if (Failure is null && IsComplete)
        {
            KeepTicket(message);
        }

        return Failure is null && (IsComplete || Continue());
    }

    private bool Continue()
    {
        Debug.Assert(Failure is null && !IsComplete, "GnuTLS must not be called after its last word");
        var result = GnuTlsNative.Handshake(_handle);
        GC.KeepAlive(this);
        if (Failure is not null)
        {
            return false;
        }

        IsResumed = IsResuming;
        // A server has accepted it when it has its secret: GnuTLS says so of what a HelloRetryRequest rejected, too.
        IsEarlyDataAccepted = _isServer ? IsEarlyDataAccepted : HasFlag(GnuTlsNative.SessionFlagEarlyData);
        if (result is GnuTlsNative.ErrorAgain or GnuTlsNative.ErrorInterrupted)
        {
            return true;
        }

        if (result < 0)
        {
            return Fail(result);
        }

        if (IsResumed && !TryCheckResumedPeer())
        {
            return false;
        }

        IsComplete = true;
        return !_issuesTickets || TrySendTicket();
    }

    private bool Fail(TlsAlert alert, string reason)
    {
        Failure ??= new QuicTlsFailure((byte)alert, reason);
        return false;
    }

    // The first error is the true one: a second call would report another.
    private bool Fail(int error)
    {
        var alert = _alert ?? ToAlert(error);
        var reason = error switch
        {
            GnuTlsNative.ErrorCertificateRequired => "no certificate presented: the server requires one of the client",
            GnuTlsNative.ErrorNoApplicationProtocol => NoApplicationProtocol,
            _ => $"TLS handshake failed: {GnuTlsLibrary.ErrorText(error)}",
        };
        return Fail((TlsAlert)alert, reason);
    }

    private string NoApplicationProtocol => "no common application protocol: the peer has none of "
        + _settings.OfferedProtocols;

    private static byte ToAlert(int error)
    {
        int level;
        var alert = GnuTlsNative.ErrorToAlert(error, &level);
        return alert is > 0 and <= byte.MaxValue ? (byte)alert : (byte)TlsAlert.InternalError;
    }

    // Setting up depends on nothing that a peer sent: an error is lack of memory or a library that refuses our options.
    private static void ThrowOnError(int result)
    {
        if (result < 0)
        {
            throw new CryptographicException($"GnuTLS cannot set up a session: {GnuTlsLibrary.ErrorText(result)}");
        }
    }
}
