namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    private const int LocalAckDelayExponent = 3;
    private const int IdleProbeTimeouts = 3;

    private static readonly TimeSpan LocalMaxAckDelay = TimeSpan.FromMilliseconds(25);

    // Longer than a pause in traffic, shorter than the default interval of keep-alives.
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(3);

    private bool _mayRestartIdleOnSend;

    private bool MayDeadlock => !IsServer && !_hasHandshakeAcknowledged && !IsHandshakeConfirmed;

    /// <summary>Does what is due; calls that come too early do nothing.</summary>
    public void OnTimeout(TimeSpan now)
    {
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
            _applicationKeys.DiscardPrevious();
        if (_timers.TryExpire(QuicTimer.EarlyKeys, now))
            DiscardEarlyKeys();
        if (_timers.TryExpire(QuicTimer.TlsEnd, now))
            ReleaseTls();
        if (_timers.TryExpire(QuicTimer.PathValidation, now))
            OnPathValidationTimeout(now);
        _timers.TryExpire(QuicTimer.Pacing, now);
        if (!_timers.TryExpire(QuicTimer.Loss, now))
            return;
        _loss.OnTimeout(_path, IsHandshakeConfirmed, MayDeadlock, now);
        RestartLossTimer(now);
    }

    // Of two sides that keep each other alive, one sends a PING and the other its delayed acknowledgement.
    private void TrimIfQuiet(TimeSpan now)
    {
        if (now - _path.Spaces[(int)SpaceId.Application].LastAckElicitingSentAt < QuietTime)
            return;
        Application.Sent.Trim();
        _loss.Trim();
    }

    private void RestartLossTimer(TimeSpan now)
    {
        // RFC 9002 §6.2.2.1: a server that may send nothing waits for the client.
        _timers[QuicTimer.Loss] = _path.AllowanceBytes == 0
            ? null
            : _loss.NextTimeout(_path, IsHandshakeConfirmed, MayDeadlock, now);
    }

    // RFC 9000 §10.1: the smaller of both values, but not below three probe timeouts.
    private void RestartIdle(TimeSpan now)
    {
        var peer = TimeSpan.FromMilliseconds(Math.Min(_peerParameters.MaxIdleTimeout, int.MaxValue));
        var timeout = _options.IdleTimeout;
        if (timeout == TimeSpan.Zero || (peer > TimeSpan.Zero && peer < timeout))
            timeout = peer;
        if (timeout == TimeSpan.Zero)
        {
            _timers[QuicTimer.Idle] = null;
            return;
        }

        var least = _loss.ProbeTimeout(_path) * IdleProbeTimeouts;
        _timers[QuicTimer.Idle] = now + (timeout > least ? timeout : least);
    }

    private void RestartKeepAlive(TimeSpan now)
    {
        if (_options.KeepAliveInterval > TimeSpan.Zero && State == QuicConnectionState.Connected)
            _timers[QuicTimer.KeepAlive] = now + _options.KeepAliveInterval;
    }
}
