namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    // How long a client waits for tickets after the handshake.
    private static readonly TimeSpan TicketWait = TimeSpan.FromSeconds(10);

    private readonly ConnectionId _originalDestinationId;
    private ConnectionId _initialDestinationId;
    private ConnectionId? _retrySourceId;
    private readonly byte[] _addressDigest;
    private byte[] _token;
    private byte[] _newToken = [];
    private bool _isNewTokenPending;
    private bool _isHandshakeCounted;
    private TransportParameters _peerParameters = new();
    private bool _hasPeerId;
    private bool _isHandshakeDonePending;
    private bool _hasHandshakeAcknowledged;
    private readonly HandshakeDriver _handshake;

    /// <summary>
    /// True while TLS computes a step on another thread (<see cref="IQuicTls.IsBusy"/>) and until
    /// <see cref="OnTlsProgress"/> took its outcome. CRYPTO bytes and packets that need its keys wait meanwhile, both
    /// in bounded numbers.
    /// </summary>
    public bool IsAwaitingTls => _handshake.IsAwaitingTls;

    /// <summary>
    /// Goes on after a step of TLS that another thread computed. The owner calls it on its own thread when the step is
    /// through; calls that come too early or for nothing do nothing. As after <see cref="Receive"/>, there may be
    /// datagrams and events afterwards.
    /// </summary>
    public void OnTlsProgress(TimeSpan now)
    {
        if (!IsAwaitingTls || !IsAlive)
            return;
        _qlog?.At(now);
        _handshake.Resume(now);
        if (_early.Count > 0)
            ReceiveEarly(now);
        AfterReceive(now);
    }

    // RFC 9001 §5.2: both sides derive the Initial keys from the client's first Destination Connection ID.
    private void InstallInitialKeys()
    {
        Span<byte> client = stackalloc byte[KeySchedule.InitialSecretLength];
        Span<byte> server = stackalloc byte[KeySchedule.InitialSecretLength];
        KeySchedule.InitialSecrets(_initialDestinationId.ToArray(), client, server);
        Initial.ReadProtector?.Dispose();
        Initial.WriteProtector?.Dispose();
        Initial.ReadProtector = _protectors.Create(KeySchedule.InitialSuite, IsServer ? client : server);
        Initial.WriteProtector = _protectors.Create(KeySchedule.InitialSuite, IsServer ? server : client);
    }

    private void StartHandshake(TimeSpan now)
    {
        var parameters = LocalParameters.Create(_options);
        parameters.InitialSourceId = _localIds.Initial.Id;
        if (IsServer)
        {
            parameters.OriginalDestinationId = _originalDestinationId;
            parameters.RetrySourceId = _retrySourceId;
            parameters.StatelessResetToken = _localIds.Initial.Token;
        }

        _localParameters = parameters;
        _qlog?.ParametersSet(parameters, isLocal: true);
        Span<byte> grease = stackalloc byte[TransportParametersWriter.GreaseBytes];
        _random.Fill(grease);
        _handshake.Start(TransportParametersWriter.Write(parameters, grease), now);
    }

    void IHandshakeOutcomes.OnSecrets(QuicTrafficSecrets secrets)
    {
        TraceSecrets(secrets);
        if (secrets.Level == EncryptionLevel.Application)
        {
            _applicationKeys.SetSecrets(secrets);
        }
        else if (secrets.Level == EncryptionLevel.EarlyData)
        {
            InstallEarlyKeys(secrets);
        }
        else if (secrets.Level == EncryptionLevel.Handshake)
        {
            if (secrets.ReadSecret is { } read)
                Handshake.ReadProtector = _protectors.Create(secrets.Suite, read);
            if (secrets.WriteSecret is { } write)
                Handshake.WriteProtector = _protectors.Create(secrets.Suite, write);
        }
    }

    bool IHandshakeOutcomes.TryTakeParameters(byte[] encoded, TimeSpan now)
    {
        if (!TransportParametersReader.TryRead(encoded, fromServer: !IsServer, out var parameters, out var reason))
        {
            Fail(QuicError.TransportParameterError, null, reason, now);
            return false;
        }

        // RFC 9000 §7.3: the ids that were seen on packets are authenticated here.
        var isSourceRight = parameters.InitialSourceId is { } source && source.Equals(_peerIds.Active[0].Id);
        var isOriginalRight = IsServer ||
            (parameters.OriginalDestinationId is { } original && original.Equals(_originalDestinationId));
        var isRetryRight = IsServer || Nullable.Equals(parameters.RetrySourceId, _retrySourceId);
        if (!isSourceRight || !isOriginalRight || !isRetryRight)
        {
            Fail(QuicError.TransportParameterError, null, "the connection ids in the transport parameters differ", now);
            return false;
        }

        if (parameters.PreferredAddressId is { } preferred &&
            !_peerIds.TryAddPreferred(preferred, parameters.PreferredAddressToken))
        {
            const string addressReason =
                "a preferred address came from a server without connection ids, or with the id of the handshake";
            Fail(QuicError.TransportParameterError, null, addressReason, now);
            return false;
        }

        if (!TryDecideEarlyData(parameters, now))
            return false;
        _peerParameters = parameters;
        _idle.Agree(parameters.MaxIdleTimeout);
        _qlog?.ParametersSet(parameters, isLocal: false);
        _streams.Apply(parameters);
        _loss.MaxAckDelay = TimeSpan.FromMilliseconds(parameters.MaxAckDelay);
        if (parameters.StatelessResetToken is { } token)
            _peerIds.SetFirstToken(token);
        RegisterResetTokens();
        return true;
    }

    void IHandshakeOutcomes.OnComplete(IQuicTls tls, TimeSpan now)
    {
        if (!_handshake.HasPeerParameters)
        {
            Fail(QuicError.CryptoMissingExtension, null, "the peer sent no transport parameters", now);
            return;
        }

        if (tls.ApplicationProtocol is null)
        {
            Fail(QuicError.CryptoNoApplicationProtocol, null, "no application protocol was selected", now);
            return;
        }

        if (EarlyDataAccepted == true && _ticket is not null && tls.ApplicationProtocol != _ticket.ApplicationProtocol)
        {
            // RFC 8446 §4.2.10: early data is of the protocol that its ticket was issued for.
            Fail(QuicError.ProtocolViolation, null, "the server took early data for another protocol", now);
            return;
        }

        // RFC 9001 §4.9.3: a client needs no 0-RTT keys besides those of 1-RTT; a server those of packets on their way.
        if (IsServer && Application.EarlyReadProtector is not null)
            _timers[QuicTimer.EarlyKeys] = now + ProbeTimeout * EarlyKeysProbeTimeouts;
        else
            DiscardEarlyKeys();
        IsResumed = tls.IsResumed;
        ApplicationProtocol = tls.ApplicationProtocol;
        State = QuicConnectionState.Connected;
        TraceHandshakeComplete(ApplicationProtocol);
        _events.Add(new QuicEvent(QuicEventKind.HandshakeCompleted));
        foreach (var id in _localIds.IssueUpTo(_peerParameters.ActiveConnectionIdLimit))
            _endpoint.AddId(id, this);
        ScheduleSkip(Application);
        _idle.OnConnected(ProbeTimeout, now);
        if (!IsServer)
        {
            _timers[QuicTimer.TlsEnd] = now + TicketWait;
            return;
        }

        // RFC 9001 §4.1.2: the server's handshake is confirmed when it is complete, and HANDSHAKE_DONE says so.
        _isHandshakeDonePending = true;
        ConfirmHandshake();
        if (_addressDigest.Length == 0)
            return;
        _newToken = _endpoint.CreateToken(_addressDigest, now);
        _isNewTokenPending = true;
    }

    void IHandshakeOutcomes.OnFailed(QuicError error, string reason, TimeSpan now) =>
        Fail(error, (ulong)FrameType.Crypto, reason, now);

    private void EndHandshakeCount()
    {
        if (_isHandshakeCounted)
            _endpoint.OnHandshakeOver();
        _isHandshakeCounted = false;
    }

    private void ConfirmHandshake()
    {
        if (IsHandshakeConfirmed)
            return;
        IsHandshakeConfirmed = true;
        _qlog?.StateUpdated(QlogState.HandshakeConfirmed);
        EndHandshakeCount();
        _timers[QuicTimer.Handshake] = null;
        _events.Add(new QuicEvent(QuicEventKind.HandshakeConfirmed));
        Discard(Initial);
        Discard(Handshake);
    }

    /// <summary>Throws the keys of a space away (RFC 9001 §4.9).</summary>
    private void Discard(PacketSpace space)
    {
        if (space.IsDiscarded)
            return;
        space.IsDiscarded = true;
        _qlog?.KeysDiscarded(space.Level, QlogKeyTrigger.Tls);
        space.Received.IsAckDue = false;
        LossDetector.Discard(space, _paths.Current);
        space.Dispose();
    }

    /// <summary>A Retry packet: the client starts over with the server's id and token (RFC 9000 §17.2.5).</summary>
    private bool ReceiveRetry(in PacketHeader header, ReadOnlySpan<byte> packet)
    {
        const int tagLength = 16;
        var isExpected = !IsServer && State == QuicConnectionState.Handshaking && _retrySourceId is null && !_hasPeerId;
        if (!isExpected || header.Token.Length is <= tagLength or > QuicSessionCache.MaxTokenBytes + tagLength ||
            _initialDestinationId.Equals(header.SourceId) ||
            !KeySchedule.IsAuthenticRetry(_originalDestinationId.ToArray(), packet))
            return false;
        _token = header.Token[..^tagLength].ToArray();
        _qlog?.RetryReceived(header, _token.Length);
        _initialDestinationId = new ConnectionId(header.SourceId);
        _retrySourceId = _initialDestinationId;
        _peerIds.ReplaceFirst(_initialDestinationId);
        InstallInitialKeys();
        // Everything that is in flight went to nobody: it goes out again under the new keys, early data under the old.
        Requeue(Initial);
        Requeue(Application);
        return true;
    }

    private void ReceiveVersionNegotiation(in PacketHeader header, TimeSpan now)
    {
        if (IsServer || _hasPeerId || _retrySourceId is not null ||
            !_localIds.Initial.Id.Equals(header.DestinationId) || !_peerIds.Current.Equals(header.SourceId))
            return;
        var versions = new ByteReader(header.Token);
        while (versions.TryReadUInt32(out var version))
        {
            // RFC 9000 §6.2: a list with the version that was offered is not to be believed.
            if (version == PacketHeader.Version1)
                return;
        }

        _qlog?.VersionNegotiationReceived(header);
        const string reason = "the server does not speak QUIC version 1";
        EndAtOnce(new QuicCloseReason(
            QuicCloseKind.PeerTransport, (ulong)QuicError.VersionNegotiationError, null, reason));
    }

    private void Requeue(PacketSpace space)
    {
        IFrameOutcomes outcomes = this;
        for (var number = space.Sent.First; number < space.Sent.End; number++)
        {
            if (space.Sent.Get(number) is not { } packet)
                continue;
            foreach (var frame in packet.Frames)
                outcomes.OnFrameLost(space.Id, frame);
        }

        LossDetector.Discard(space, _paths.Current);
    }
}
