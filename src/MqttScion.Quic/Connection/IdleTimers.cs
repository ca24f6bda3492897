namespace MqttScion.Quic;

/// <summary>The idle timeout of a connection, and the keep-alive that keeps it away (RFC 9000 §10.1).</summary>
/// <remarks>Both belong to the connection: something on any of its paths restarts them.</remarks>
internal sealed class IdleTimers(QuicOptions options, TimerTable timers)
{
    private const int IdleProbeTimeouts = 3;

    private TimeSpan _agreedTimeout = options.IdleTimeout;
    private bool _mayRestartOnSend;
    private bool _isConnected;

    /// <summary>The peer's max_idle_timeout is known: the smaller of both values counts; zero is never.</summary>
    public void Agree(ulong peerMilliseconds)
    {
        var peer = TimeSpan.FromMilliseconds(Math.Min(peerMilliseconds, int.MaxValue));
        var own = options.IdleTimeout;
        _agreedTimeout = own == TimeSpan.Zero || (peer > TimeSpan.Zero && peer < own) ? peer : own;
    }

    /// <summary>The handshake is complete: from now on there are keep-alives.</summary>
    public void OnConnected(TimeSpan probeTimeout, TimeSpan now)
    {
        _isConnected = true;
        RestartIdle(probeTimeout, now);
        RestartKeepAlive(probeTimeout, now);
    }

    /// <summary>An authentic packet came.</summary>
    public void OnReceived(TimeSpan probeTimeout, TimeSpan now)
    {
        RestartIdle(probeTimeout, now);
        _mayRestartOnSend = true;
    }

    /// <summary>A packet that is to be acknowledged left: the first after one that came counts.</summary>
    public void OnAckElicitingSent(TimeSpan probeTimeout, TimeSpan now)
    {
        RestartKeepAlive(probeTimeout, now);
        if (!_mayRestartOnSend && timers[QuicTimer.Idle] is not null)
            return;
        _mayRestartOnSend = false;
        RestartIdle(probeTimeout, now);
    }

    public void RestartKeepAlive(TimeSpan probeTimeout, TimeSpan now)
    {
        var interval = options.KeepAliveInterval;
        if (interval == TimeSpan.Zero || !_isConnected)
            return;
        // RFC 9000 §10.1.2: a peer that waits for less than we do must hear of us in time, with room for a lost PING.
        var half = Effective(probeTimeout) / 2;
        timers[QuicTimer.KeepAlive] = now + (half > TimeSpan.Zero && half < interval ? half : interval);
    }

    private void RestartIdle(TimeSpan probeTimeout, TimeSpan now)
    {
        var timeout = Effective(probeTimeout);
        timers[QuicTimer.Idle] = timeout == TimeSpan.Zero ? null : now + timeout;
    }

    // RFC 9000 §10.1: at least three probe timeouts, on both sides; zero is never.
    private TimeSpan Effective(TimeSpan probeTimeout)
    {
        if (_agreedTimeout == TimeSpan.Zero)
            return TimeSpan.Zero;
        var least = new TimeSpan(probeTimeout.Ticks * IdleProbeTimeouts);
        return _agreedTimeout > least ? _agreedTimeout : least;
    }
}
