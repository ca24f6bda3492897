namespace MqttScion.Quic;

/// <content>Whether the path that is sent on has gone silent.</content>
internal sealed partial class ConnectionPaths
{
    private const int MaxSilences = 10;

    private int _silenceCount;
    private TimeSpan _silentSince;

    /// <summary>A 1-RTT packet that is to be acknowledged left.</summary>
    public void OnAckElicitingSent(NetworkPath path, TimeSpan now)
    {
        if (path == Current && timers[QuicTimer.Silence] is null)
            timers[QuicTimer.Silence] = now + loss.ProbeTimeout(path);
    }

    /// <summary>An ACK frame came: the silence may be over.</summary>
    public void OnAcknowledged()
    {
        if (_silenceCount == 0 || Current.AnsweredAt < _silentSince)
            return;
        _silenceCount = 0;
        events.Add(new QuicEvent(QuicEventKind.PathAnswered, PathId: Current.Id));
    }

    /// <summary>
    /// Looks whether the oldest packet is overdue. The timer is not moved when it is acknowledged: while data flows,
    /// that would be for each datagram.
    /// </summary>
    public void OnSilenceTimeout(TimeSpan now)
    {
        if (OldestSentAt() is not { } sentAt)
            return;
        var timeout = loss.ProbeTimeout(Current);
        var isSilent = false;
        while (_silenceCount < MaxSilences && sentAt + ProbeBackoff.Apply(timeout, _silenceCount) <= now)
        {
            _silenceCount++;
            isSilent = true;
        }

        // After the last there is nothing new to tell; the idle timeout ends it.
        timers[QuicTimer.Silence] = _silenceCount == MaxSilences
            ? null
            : sentAt + ProbeBackoff.Apply(timeout, _silenceCount);
        if (!isSilent)
            return;
        _silentSince = now;
        Current.OnSilent();
        events.Add(new QuicEvent(QuicEventKind.PathSilent, PathId: Current.Id));
    }

    private void RestartSilence(TimeSpan now)
    {
        _silenceCount = 0;
        timers[QuicTimer.Silence] = OldestSentAt() is null ? null : now + loss.ProbeTimeout(Current);
    }

    // Probes for the size are left out: their loss is no silence.
    private TimeSpan? OldestSentAt()
    {
        var space = spaces[(int)SpaceId.Application];
        if (Current.Space(SpaceId.Application).AckElicitingInFlight == 0)
            return null;
        for (var number = space.Sent.First; number < space.Sent.End; number++)
        {
            if (space.Sent.Get(number) is { IsAckEliciting: true, IsMtuProbe: false } packet && packet.Path == Current)
                return packet.SentAt;
        }

        return null;
    }
}
