namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    private const int LocalAckDelayExponent = 3;
    private const int IdleProbeTimeouts = 3;

    private static readonly TimeSpan LocalMaxAckDelay = TimeSpan.FromMilliseconds(25);

    // Longer than a pause in traffic, shorter than the default interval of keep-alives.
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(3);

    private bool _mayRestartIdleOnSend;
    private TransportParameters? _agreedParameters;
    private TimeSpan _agreedIdleTimeout;
    private bool _isLossTimerDue;

    // RFC 9002 §6.2.2.1. An acknowledged Handshake packet ends it only where the client stayed on one path: a server
    // has validated no other by it, and may be waiting for bytes that allow it to go on.
    private bool MayDeadlock =>
        !IsServer && !IsHandshakeConfirmed && (!_hasHandshakeAcknowledged || _paths.HasMovedInHandshake);

    /// <summary>Does what is due; calls that come too early do nothing.</summary>
    public void OnTimeout(TimeSpan now)
    {
        _qlog?.At(now);
        if (_timers.TryExpire(QuicTimer.CloseEnd, now))
        {
            Drain();
            return;
        }

        if (!IsAlive)
            return;
        if (_timers.TryExpire(QuicTimer.Idle, now))
        {
            const string reason = "nothing came from the peer for the idle timeout";
            EndAtOnce(new QuicCloseReason(QuicCloseKind.IdleTimeout, 0, null, reason));
            return;
        }

        if (_timers.TryExpire(QuicTimer.Handshake, now))
        {
            const string reason = "the handshake was not confirmed in time";
            EndAtOnce(new QuicCloseReason(QuicCloseKind.HandshakeTimeout, 0, null, reason));
            return;
        }

        if (_timers.TryExpire(QuicTimer.AckDelay, now))
        {
            Application.Received.IsAckDue = Application.Received.HasUnacknowledged;
            TrimIfQuiet(now);
        }

        if (_timers.TryExpire(QuicTimer.KeepAlive, now))
        {
            Application.IsPingPending = true;
            TrimIfQuiet(now);
        }

        if (_timers.TryExpire(QuicTimer.PreviousKeys, now))
        {
            TracePreviousKeysDiscarded();
            _applicationKeys.DiscardPrevious();
        }

        if (_timers.TryExpire(QuicTimer.EarlyKeys, now))
            DiscardEarlyKeys();
        if (_timers.TryExpire(QuicTimer.TlsEnd, now))
            ReleaseTls();
        if (_timers.TryExpire(QuicTimer.PathValidation, now))
            _paths.OnTimeout(now);
        if (_paths.HasMoved)
            RestartLossTimer(now);
        _timers.TryExpire(QuicTimer.Pacing, now);
        if (!_timers.TryExpire(QuicTimer.Loss, now))
            return;
        _loss.OnTimeout(_paths.Current, IsHandshakeConfirmed, MayDeadlock, now);
        _qlog?.MetricsUpdated(_paths.Current);
        RestartLossTimer(now);
    }

    /// <summary>
    /// Restarts the loss timer after a datagram, most of which change nothing that it depends on: acknowledgements, the
    /// path, and what a handshake in progress may send.
    /// </summary>
    private void RestartLossTimerIfDue(TimeSpan now)
    {
        if (_isLossTimerDue || _paths.HasMoved || !_paths.Current.IsValidated || !IsHandshakeConfirmed)
            RestartLossTimer(now);
    }

    // Of two sides that keep each other alive, one sends a PING and the other its delayed acknowledgement.
    private void TrimIfQuiet(TimeSpan now)
    {
        if (now - _paths.Current.Space(SpaceId.Application).LastAckElicitingSentAt < QuietTime)
            return;
        Application.Sent.Trim();
        _loss.Trim();
    }

    private void RestartLossTimer(TimeSpan now)
    {
        _isLossTimerDue = false;
        _paths.HasMoved = false;
        // RFC 9002 §6.2.2.1: a server that may send nothing waits for the client.
        _timers[QuicTimer.Loss] = _paths.Current.AllowanceBytes == 0
            ? null
            : _loss.NextTimeout(_paths.Current, IsHandshakeConfirmed, MayDeadlock, now);
    }

    private void RestartIdle(TimeSpan now)
    {
        var timeout = EffectiveIdleTimeout();
        _timers[QuicTimer.Idle] = timeout == TimeSpan.Zero ? null : now + timeout;
    }

    private void RestartKeepAlive(TimeSpan now)
    {
        if (_options.KeepAliveInterval == TimeSpan.Zero || State != QuicConnectionState.Connected)
            return;
        // RFC 9000 §10.1.2: a peer that waits for less than we do must hear of us in time, with room for a lost PING.
        var half = EffectiveIdleTimeout() / 2;
        var interval = _options.KeepAliveInterval;
        _timers[QuicTimer.KeepAlive] = now + (half > TimeSpan.Zero && half < interval ? half : interval);
    }

    // RFC 9000 §10.1: at least three probe timeouts, on both sides; zero is never.
    private TimeSpan EffectiveIdleTimeout()
    {
        AgreeIdleTimeout();
        if (_agreedIdleTimeout == TimeSpan.Zero)
            return TimeSpan.Zero;
        var least = new TimeSpan(_loss.ProbeTimeout(_paths.Current).Ticks * IdleProbeTimeouts);
        return _agreedIdleTimeout > least ? _agreedIdleTimeout : least;
    }

    // Worked out once for each set of parameters: there are two of these timers in every packet.
    private void AgreeIdleTimeout()
    {
        if (_agreedParameters == _peerParameters)
            return;
        _agreedParameters = _peerParameters;
        // RFC 9000 §10.1: the smaller of both values; zero is never.
        var peer = TimeSpan.FromMilliseconds(Math.Min(_peerParameters.MaxIdleTimeout, int.MaxValue));
        var timeout = _options.IdleTimeout;
        _agreedIdleTimeout = timeout == TimeSpan.Zero || (peer > TimeSpan.Zero && peer < timeout) ? peer : timeout;
    }
}
