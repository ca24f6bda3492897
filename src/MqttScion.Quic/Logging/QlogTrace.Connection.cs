using System.Globalization;
using System.Text;

namespace MqttScion.Quic;

/// <content>Connectivity, negotiation and keys.</content>
internal sealed partial class QlogTrace
{
    private const int MaxReasonBytes = 256;

    private int _firstPathId = -1;
    private QlogState? _state;

    public void ConnectionStarted(NetworkPath path, ConnectionId local, ConnectionId peer)
    {
        _firstPathId = path.Id;
        if (!Begin("connectivity:connection_started"u8))
            return;
        // The schema wants both; an engine without sockets knows them from its owner, if at all.
        _json.WriteString("src_ip"u8, _sink.LocalAddress ?? "");
        _json.WriteString("dst_ip"u8, _sink.RemoteAddress ?? "");
        _json.WriteString("protocol"u8, "QUIC"u8);
        WriteId("src_cid"u8, local);
        WriteId("dst_cid"u8, peer);
        End();
        PathAssigned(path);
        StateUpdated(QlogState.Attempted);
    }

    public void StateUpdated(QlogState state)
    {
        if (state == _state || !Begin("connectivity:connection_state_updated"u8))
            return;
        if (_state is { } old)
            _json.WriteString("old"u8, NameOf(old));
        _json.WriteString("new"u8, NameOf(state));
        _state = state;
        End();
    }

    public void ConnectionClosed(QuicCloseReason reason)
    {
        if (!Begin("connectivity:connection_closed"u8))
            return;
        var isRemote = reason.Kind is QuicCloseKind.PeerApplication or QuicCloseKind.PeerTransport
            or QuicCloseKind.StatelessReset;
        _json.WriteString("owner"u8, isRemote ? "remote"u8 : "local"u8);
        if (reason.Kind is QuicCloseKind.LocalApplication or QuicCloseKind.PeerApplication)
            _json.WriteNumber("application_code"u8, reason.ErrorCode);
        else if (reason.Kind is QuicCloseKind.LocalTransport or QuicCloseKind.PeerTransport)
            WriteErrorCode("connection_code"u8, reason.ErrorCode);
        _json.WriteString("reason"u8, reason.Reason);
        _json.WriteString("trigger"u8, TriggerOf(reason));
        End();
    }

    public void VersionInformation(uint chosen)
    {
        if (!Begin("transport:version_information"u8))
            return;
        WriteVersion("chosen_version"u8, chosen);
        End();
    }

    public void ApplicationProtocolSelected(string protocol)
    {
        if (!Begin("transport:alpn_information"u8))
            return;
        _json.WriteString("chosen_alpn"u8, protocol);
        End();
    }

    public void ParametersSet(TransportParameters parameters, bool isLocal)
    {
        if (!isLocal)
            _peerAckDelayExponent = (int)parameters.AckDelayExponent;
        if (!Begin("transport:parameters_set"u8))
            return;
        _json.WriteString("owner"u8, isLocal ? "local"u8 : "remote"u8);
        if (parameters.OriginalDestinationId is { } original)
            WriteId("original_destination_connection_id"u8, original);
        if (parameters.InitialSourceId is { } source)
            WriteId("initial_source_connection_id"u8, source);
        if (parameters.RetrySourceId is { } retry)
            WriteId("retry_source_connection_id"u8, retry);
        _json.WriteBoolean("disable_active_migration"u8, parameters.DisableActiveMigration);
        _json.WriteNumber("max_idle_timeout"u8, parameters.MaxIdleTimeout);
        _json.WriteNumber("max_udp_payload_size"u8, parameters.MaxUdpPayloadSize);
        _json.WriteNumber("ack_delay_exponent"u8, parameters.AckDelayExponent);
        _json.WriteNumber("max_ack_delay"u8, parameters.MaxAckDelay);
        _json.WriteNumber("active_connection_id_limit"u8, parameters.ActiveConnectionIdLimit);
        _json.WriteNumber("initial_max_data"u8, parameters.InitialMaxData);
        _json.WriteNumber(
            "initial_max_stream_data_bidi_local"u8, parameters.InitialMaxStreamDataBidirectionalLocal);
        _json.WriteNumber(
            "initial_max_stream_data_bidi_remote"u8, parameters.InitialMaxStreamDataBidirectionalRemote);
        _json.WriteNumber("initial_max_stream_data_uni"u8, parameters.InitialMaxStreamDataUnidirectional);
        _json.WriteNumber("initial_max_streams_bidi"u8, parameters.InitialMaxStreamsBidirectional);
        _json.WriteNumber("initial_max_streams_uni"u8, parameters.InitialMaxStreamsUnidirectional);
        _json.WriteNumber("max_datagram_frame_size"u8, parameters.MaxDatagramFrameSize);
        _json.WriteBoolean("grease_quic_bit"u8, parameters.GreaseQuicBit);
        End();
    }

    /// <summary>Keys of a level came into use; their values are in no trace.</summary>
    public void KeyUpdated(EncryptionLevel level, bool ofServer, QlogKeyTrigger trigger, int generation = 0) =>
        WriteKey("security:key_updated"u8, level, ofServer, trigger, generation);

    /// <summary>Keys of a level were thrown away.</summary>
    public void KeyDiscarded(EncryptionLevel level, bool ofServer, QlogKeyTrigger trigger, int generation = 0) =>
        WriteKey("security:key_discarded"u8, level, ofServer, trigger, generation);

    /// <summary>Both sides' keys of a level came into use.</summary>
    public void KeysUpdated(EncryptionLevel level, QlogKeyTrigger trigger, int generation = 0)
    {
        KeyUpdated(level, ofServer: false, trigger, generation);
        KeyUpdated(level, ofServer: true, trigger, generation);
    }

    /// <summary>Both sides' keys of a level were thrown away.</summary>
    public void KeysDiscarded(EncryptionLevel level, QlogKeyTrigger trigger)
    {
        KeyDiscarded(level, ofServer: false, trigger);
        KeyDiscarded(level, ofServer: true, trigger);
    }

    /// <summary>Secrets came from TLS, of one direction or both.</summary>
    public void SecretsReceived(QuicTrafficSecrets secrets)
    {
        if (secrets.WriteSecret is not null)
            KeyUpdated(secrets.Level, _isServer, QlogKeyTrigger.Tls);
        if (secrets.ReadSecret is not null)
            KeyUpdated(secrets.Level, !_isServer, QlogKeyTrigger.Tls);
    }

    /// <summary>A path is known from now on. Not in version 0.3 of the schema; named as in later ones.</summary>
    public void PathAssigned(NetworkPath path)
    {
        if (!Begin("connectivity:path_assigned"u8))
            return;
        WriteDigits("path_id"u8, path.Id);
        _json.WriteNumber("max_datagram_size"u8, path.MaxDatagramBytes);
        End();
    }

    /// <summary>
    /// A path is probed, was found good or not, or is sent on. Not in version 0.3 of the schema; named as in later.
    /// </summary>
    public void MigrationStateUpdated(NetworkPath path, QlogMigration state)
    {
        if (!Begin("connectivity:migration_state_updated"u8))
            return;
        _json.WriteString("new"u8, state switch
        {
            QlogMigration.ProbingStarted => "probing_started"u8,
            QlogMigration.ProbingSuccessful => "probing_successful"u8,
            QlogMigration.ProbingAbandoned => "probing_abandoned"u8,
            _ => "migration_complete"u8,
        });
        WriteDigits("path_id"u8, path.Id);
        End();
    }

    private void WriteKey(
        ReadOnlySpan<byte> name, EncryptionLevel level, bool ofServer, QlogKeyTrigger trigger, int generation)
    {
        if (!Begin(name))
            return;
        _json.WriteString("key_type"u8, KeyTypeOf(level, ofServer));
        if (level == EncryptionLevel.Application)
            _json.WriteNumber("generation"u8, generation);
        _json.WriteString("trigger"u8, trigger switch
        {
            QlogKeyTrigger.Local => "local_update"u8,
            QlogKeyTrigger.Remote => "remote_update"u8,
            _ => "tls"u8,
        });
        End();
    }

    private void WriteVersion(ReadOnlySpan<byte> name, uint version)
    {
        Span<byte> digits = stackalloc byte[8];
        version.TryFormat(digits, out var length, "x", CultureInfo.InvariantCulture);
        _json.WriteString(name, digits[..length]);
    }

    private void WriteErrorCode(ReadOnlySpan<byte> name, ulong code)
    {
        if (TransportErrorOf((QuicError)code) is { IsEmpty: false } known)
            _json.WriteString(name, known);
        else if (code is >= (ulong)QuicError.CryptoError and < (ulong)QuicError.CryptoError + 0x100)
            _json.WriteString(name, $"crypto_error_0x{code:x}");
        else
            _json.WriteNumber(name, code);
    }

    // A reason is the peer's text, in any bytes.
    private void WriteReason(ReadOnlySpan<byte> reason) => _json.WriteString(
        "reason"u8, Encoding.UTF8.GetString(reason[..Math.Min(reason.Length, MaxReasonBytes)]));

    private static ReadOnlySpan<byte> NameOf(QlogState state) => state switch
    {
        QlogState.Attempted => "attempted"u8,
        QlogState.HandshakeStarted => "handshake_started"u8,
        QlogState.HandshakeComplete => "handshake_complete"u8,
        QlogState.HandshakeConfirmed => "handshake_confirmed"u8,
        QlogState.Closing => "closing"u8,
        QlogState.Draining => "draining"u8,
        _ => "closed"u8,
    };

    private static ReadOnlySpan<byte> KeyTypeOf(EncryptionLevel level, bool ofServer) => (level, ofServer) switch
    {
        (EncryptionLevel.Initial, true) => "server_initial_secret"u8,
        (EncryptionLevel.Initial, false) => "client_initial_secret"u8,
        (EncryptionLevel.EarlyData, true) => "server_0rtt_secret"u8,
        (EncryptionLevel.EarlyData, false) => "client_0rtt_secret"u8,
        (EncryptionLevel.Handshake, true) => "server_handshake_secret"u8,
        (EncryptionLevel.Handshake, false) => "client_handshake_secret"u8,
        (_, true) => "server_1rtt_secret"u8,
        (_, false) => "client_1rtt_secret"u8,
    };

    private static ReadOnlySpan<byte> TriggerOf(QuicCloseReason reason) => reason.Kind switch
    {
        QuicCloseKind.LocalApplication or QuicCloseKind.PeerApplication =>
            reason.ErrorCode == 0 ? "clean"u8 : "application"u8,
        QuicCloseKind.IdleTimeout => "idle_timeout"u8,
        QuicCloseKind.HandshakeTimeout => "handshake_timeout"u8,
        QuicCloseKind.StatelessReset => "stateless_reset"u8,
        _ when reason.ErrorCode == (ulong)QuicError.VersionNegotiationError => "version_mismatch"u8,
        _ when reason.ErrorCode == (ulong)QuicError.NoError => "clean"u8,
        _ => "error"u8,
    };

    private static ReadOnlySpan<byte> TransportErrorOf(QuicError code) => code switch
    {
        QuicError.NoError => "no_error"u8,
        QuicError.InternalError => "internal_error"u8,
        QuicError.ConnectionRefused => "connection_refused"u8,
        QuicError.FlowControlError => "flow_control_error"u8,
        QuicError.StreamLimitError => "stream_limit_error"u8,
        QuicError.StreamStateError => "stream_state_error"u8,
        QuicError.FinalSizeError => "final_size_error"u8,
        QuicError.FrameEncodingError => "frame_encoding_error"u8,
        QuicError.TransportParameterError => "transport_parameter_error"u8,
        QuicError.ConnectionIdLimitError => "connection_id_limit_error"u8,
        QuicError.ProtocolViolation => "protocol_violation"u8,
        QuicError.InvalidToken => "invalid_token"u8,
        QuicError.ApplicationError => "application_error"u8,
        QuicError.CryptoBufferExceeded => "crypto_buffer_exceeded"u8,
        QuicError.KeyUpdateError => "key_update_error"u8,
        QuicError.AeadLimitReached => "aead_limit_reached"u8,
        QuicError.NoViablePath => "no_viable_path"u8,
        _ => default,
    };
}
