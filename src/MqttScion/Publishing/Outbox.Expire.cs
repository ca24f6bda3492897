using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The lifetimes of what is in the outbox, or waits for room there (MQTT 5 §3.3.2.3.3).</summary>
internal sealed partial class Outbox
{
    // Each look goes through all of them: so many messages that expire one by one must not make it a busy loop.
    private static readonly TimeSpan _shortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _longestPause = TimeSpan.FromDays(1);

    private static readonly TimeSpan _shortestLifetime = TimeSpan.FromSeconds(1);

    // Null for one that does not expire, or whose end the server may know [MQTT-4.3.3-7]. Lifetimes are whole seconds:
    // with 0 there is less than one to go, and who is connected still sends it.
    private TimeSpan? LifetimeLeft(MqttApplicationMessage message, long acceptedAt, TimeSpan ageBefore)
    {
        if (message.MessageExpiryInterval is not { } seconds)
        {
            return null;
        }
        var lifetime = TimeSpan.FromSeconds(seconds);
        return (lifetime > _shortestLifetime ? lifetime : _shortestLifetime)
            - ageBefore - _time.GetElapsedTime(acceptedAt);
    }

    private TimeSpan? LifetimeLeft(in Entry entry) => LifetimeLeft(entry.Message, entry.AcceptedAt, TimeSpan.Zero);

    private TimeSpan? LifetimeLeft(PendingPublish pending) => pending.MayHaveBeenSent || pending.IsStoring
        ? null
        : LifetimeLeft(pending.Message, pending.AcceptedAt, pending.AgeBefore);

    private void LookAgainFor(PendingPublish pending) => LookAgainIn(LifetimeLeft(pending));

    private void LookAgainFor(in Entry entry) => LookAgainIn(LifetimeLeft(entry));

    private void LookAgainIn(TimeSpan? left)
    {
        if (left is not { } pause)
        {
            return;
        }
        pause = pause < _shortestPause ? _shortestPause : pause > _longestPause ? _longestPause : pause;
        var at = _time.GetElapsedTime(_madeAt) + pause;
        if (_looksAt is null || at < _looksAt)
        {
            _looksAt = at;
            _expiry.Change(pause, Timeout.InfiniteTimeSpan);
        }
    }

    // An expired message is given up while it waits too: whoever awaits it is told, and its room is free again.
    private void DropExpired()
    {
        var expired = new List<PendingPublish>();
        lock (_gate)
        {
            _looksAt = null;
            TimeSpan? next = null;
            _waiting.RemoveAll(pending =>
            {
                var left = LifetimeLeft(pending);
                if (left <= TimeSpan.Zero)
                {
                    expired.Add(pending);
                    return true;
                }
                next = next < left ? next : left ?? next;
                return false;
            });
            expired.Sort(InOrder); // Of several lanes.
            DropExpiredWaiters(expired, ref next);
            LookAgainIn(next);
            AdmitWaiters(); // The first of them may have been what did not fit.
        }
        foreach (var pending in expired)
        {
            Complete(pending, new MqttClientPublishResult
            {
                ReasonCode = MqttClientPublishReasonCode.MessageExpired,
                ReasonString = $"§3.3.2.3.3: The lifetime of {pending.Message.MessageExpiryInterval} s was over before "
                    + "the message could be sent.",
                IsLocal = true,
            });
        }
    }

    private void DropExpiredWaiters(List<PendingPublish> expired, ref TimeSpan? next)
    {
        for (var place = _waiters.First; place is not null;)
        {
            var waiter = place.Value;
            place = place.Next;
            var left = LifetimeLeft(waiter.Entry);
            if (left <= TimeSpan.Zero)
            {
                var over = LeaveOut(waiter.Entry);
                expired.Add(over);
                _waiters.Remove(waiter.Place);
                waiter.Take(over);
                continue;
            }
            next = next < left ? next : left ?? next;
        }
    }
}
