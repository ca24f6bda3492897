namespace MqttScion.Quic;

public sealed partial class QuicConnection
{
    private const int LocalAckDelayExponent = 3;

    private static readonly TimeSpan LocalMaxAckDelay = TimeSpan.FromMilliseconds(25);

    // Longer than a pause in traffic, shorter than the default interval of keep-alives.
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(3);

    private readonly IdleTimers _idle;
    private bool _isLossTimerDue;

    // RFC 9002 §6.2.2.1. An acknowledged Handshake packet ends it only where the client stayed on one path: a server
    // has validated no other by it, and may be waiting for bytes that allow it to go on.
    private bool MayDeadlock =>
        !IsServer && !IsHandshakeConfirmed && (!_hasHandshakeAcknowledged || _paths.HasMovedInHandshake);

    // That of the current path.
    private TimeSpan ProbeTimeout => _loss.ProbeTimeout(_paths.Current);

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
            _handshake.Release();
        if (_timers.TryExpire(QuicTimer.PathValidation, now))
            _paths.OnTimeout(now);
        if (_timers.TryExpire(QuicTimer.Silence, now))
            _paths.OnSilenceTimeout(now);
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
}
