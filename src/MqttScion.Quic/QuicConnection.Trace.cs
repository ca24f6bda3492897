namespace MqttScion.Quic;

/// <content>What the connection tells its qlog trace, where that takes more than a call.</content>
public sealed partial class QuicConnection
{
    private readonly byte[] _peerAddress;
    private QlogTrace? _qlog;
    private TransportParameters _localParameters = new();
    private QlogDrop _drop;

    // A server begins with the first authentic packet: a datagram that was forged leaves no trace.
    private void StartTrace(TimeSpan now)
    {
        if (QlogTrace.Start(_options, _originalDestinationId, IsServer, _peerAddress, _events, now) is not { } trace)
            return;
        _qlog = trace;
        _loss.Qlog = trace;
        _paths.Qlog = trace;
        trace.ConnectionStarted(_paths.Current, _localIds.Initial.Id, _peerIds.Current);
        trace.VersionInformation(PacketHeader.Version1);
        trace.RecoveryParametersSet(_paths.Current, _options.CongestionControl);
        trace.KeysUpdated(EncryptionLevel.Initial, QlogKeyTrigger.Tls);
        // A client's are set next, a server's were.
        if (IsServer)
            trace.ParametersSet(_localParameters, isLocal: true);
    }

    private void EndTrace()
    {
        _qlog?.StateUpdated(QlogState.Closed);
        _qlog?.Dispose();
    }

    private void TraceClose(QuicCloseReason reason)
    {
        if (_qlog is null)
            return;
        _qlog.ConnectionClosed(reason);
        if (State is QuicConnectionState.Closing or QuicConnectionState.Draining)
            _qlog.StateUpdated(State == QuicConnectionState.Closing ? QlogState.Closing : QlogState.Draining);
    }

    private void TraceHandshakeComplete(string protocol)
    {
        _qlog?.ApplicationProtocolSelected(protocol);
        _qlog?.StateUpdated(QlogState.HandshakeComplete);
    }

    private void TraceSecrets(QuicTrafficSecrets secrets)
    {
        if (secrets.Level == EncryptionLevel.Handshake)
            _qlog?.StateUpdated(QlogState.HandshakeStarted);
        _qlog?.SecretsReceived(secrets);
    }

    private void UpdateKeys(QlogKeyTrigger trigger)
    {
        var isPreviousKept = _applicationKeys.Previous is not null;
        _applicationKeys.Update();
        if (isPreviousKept)
            TraceKeysDiscarded(_applicationKeys.UpdateCount - 2, trigger);
        _qlog?.KeysUpdated(EncryptionLevel.Application, trigger, _applicationKeys.UpdateCount);
    }

    private void TracePreviousKeysDiscarded()
    {
        if (_applicationKeys.Previous is not null)
            TraceKeysDiscarded(_applicationKeys.UpdateCount - 1, QlogKeyTrigger.Local);
    }

    // Only the read key is kept beyond an update.
    private void TraceKeysDiscarded(int generation, QlogKeyTrigger trigger) =>
        _qlog?.KeyDiscarded(EncryptionLevel.Application, !IsServer, trigger, generation);

    private void DropPacket(PacketType type, int lengthBytes, QlogDrop cause, NetworkPath path)
    {
        _droppedPackets++;
        _qlog?.PacketDropped(type, lengthBytes, cause, path);
    }
}
