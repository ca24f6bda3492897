using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>The life of sessions: begun, resumed, taken over, left, expired; and the wills.</summary>
internal sealed partial class BrokerRouter : IDisposable
{
    /// <summary>Timers can't be set to any time; this one looks again after at most a day.</summary>
    private static readonly TimeSpan _longestTimer = TimeSpan.FromDays(1);

    public IReadOnlyList<BrokerConnection> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _state.Sessions.Values.Where(s => s.Connection is not null).Select(s => s.Connection!)];
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer.Dispose();
        }
    }

    /// <summary>Gives a client its session. Null when there are too many; an older connection is taken over.</summary>
    public BrokerSession? Attach(
        BrokerConnection connection,
        MqttConnectPacket connect,
        TimeSpan? expiry,
        (ushort ReceiveMaximum, long MaximumPacketSize) limits,
        out bool isPresent)
    {
        BrokerConnection? former;
        BrokerSession? session;
        lock (_lock)
        {
            EndOverdue(Now);
            isPresent = _state.Sessions.TryGetValue(connection.ClientId, out session);
            if (!isPresent && _state.Sessions.Count >= _options.MaximumSessions)
            {
                return null;
            }
            former = session?.Connection;
            if (session is not null && (connect.CleanStart || (former is not null && session.Expiry == TimeSpan.Zero)))
            {
                // §3.1.4: Also a session that does not outlive its connection ends when that is taken over.
                End(session);
                isPresent = false;
            }
            if (!isPresent)
            {
                session = new BrokerSession(connection.ClientId, _options, _counters);
                _state.Sessions.Add(connection.ClientId, session);
            }
            Begin(session!, connection, connect, expiry);
            session!.Outbox.Attach(connection, limits.ReceiveMaximum, limits.MaximumPacketSize);
        }
        former?.Disconnect(MqttDisconnectReasonCode.SessionTakenOver);
        return session;
    }

    /// <summary>Ends a connection; its session stays as long as the client asked for.</summary>
    public void Detach(BrokerSession session, BrokerConnection connection)
    {
        lock (_lock)
        {
            if (session.Connection != connection)
            {
                return;
            }
            var now = Now;
            session.Connection = null;
            session.Outbox.Detach();
            // As the outbox: QoS 0 does not wait for the next connection.
            session.Retained.Remove(s => s.QoS == MqttQualityOfServiceLevel.AtMostOnce);
            session.ExpiresAt = now + session.Expiry;
            if (session.Will is { } will)
            {
                // [MQTT-3.1.3-9]: The end of the session ends the delay too, in EndOverdue.
                session.WillDueAt = now + will.Delay;
            }
            ShareAnew(session, isOver: false);
            EndOverdue(now);
            SetTimer(now);
        }
    }

    /// <summary>Gives a data stream what stands for a session on it; null when the client has another connection by
    /// now.</summary>
    public BrokerSession? OpenStream(
        BrokerSession session,
        BrokerConnection control,
        BrokerConnection stream,
        (ushort ReceiveMaximum, long MaximumPacketSize) limits)
    {
        lock (_lock)
        {
            if (session.Connection != control)
            {
                return null;
            }
            var streamSession = new BrokerSession(stream.ClientId, _options, _counters) { Connection = stream };
            streamSession.Inbox.Attach(stream);
            streamSession.Outbox.Attach(stream, limits.ReceiveMaximum, limits.MaximumPacketSize);
            return streamSession;
        }
    }

    /// <summary>A data stream ended, and with it all that the broker knows of it.</summary>
    public void CloseStream(BrokerSession session)
    {
        lock (_lock)
        {
            Clear(session);
        }
    }

    /// <summary>Forgets the will: the client said goodbye [MQTT-3.1.2-10].</summary>
    public void CancelWill(BrokerSession session, BrokerConnection connection)
    {
        lock (_lock)
        {
            session.Will = session.Connection == connection ? null : session.Will;
        }
    }

    public void SetExpiry(BrokerSession session, BrokerConnection connection, TimeSpan? expiry)
    {
        lock (_lock)
        {
            session.Expiry = session.Connection == connection ? expiry : session.Expiry;
        }
    }

    private void Begin(
        BrokerSession session, BrokerConnection connection, MqttConnectPacket connect, TimeSpan? expiry)
    {
        if (session.Connection is not null)
        {
            // Taken over: a will without delay is for the connection that ends now (§3.1.4).
            session.Outbox.Detach();
            if (session.Will is { } will && will.Delay == TimeSpan.Zero)
            {
                PublishWill(session);
            }
        }
        session.Connection = connection;
        session.Expiry = expiry;
        session.ExpiresAt = null;
        session.Will = connect.Will is { } message
            ? new BrokerWill(message, TimeSpan.FromSeconds(connect.WillDelaySeconds))
            : null;
        session.WillDueAt = null;
        session.Inbox.Attach(connection);
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            var now = Now;
            EndOverdue(now);
            SetTimer(now);
        }
    }

    /// <summary>Publishes the wills that are due, and ends the sessions that expired.</summary>
    private void EndOverdue(DateTimeOffset now)
    {
        foreach (var session in _state.Sessions.Values.Where(s => s.IsWillDue(now) || s.IsOver(now)).ToList())
        {
            if (session.IsOver(now))
            {
                End(session);
            }
            else
            {
                PublishWill(session);
            }
        }
    }

    private void SetTimer(DateTimeOffset now)
    {
        DateTimeOffset? next = null;
        foreach (var session in _state.Sessions.Values)
        {
            next = Earlier(next, Earlier(session.ExpiresAt, session.Will is null ? null : session.WillDueAt));
        }
        var after = next - now is not { } left ? Timeout.InfiniteTimeSpan
            : left > _longestTimer ? _longestTimer
            : left > TimeSpan.Zero ? left : TimeSpan.Zero;
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b ?? a : a;

    /// <summary>Ends a session: nothing comes for it any more, and a will that waits is published.</summary>
    private void End(BrokerSession session)
    {
        _state.Sessions.Remove(session.ClientId);
        Clear(session);
    }

    private void Clear(BrokerSession session)
    {
        session.Connection = null;
        foreach (var subscription in session.Subscriptions.Values)
        {
            _state.Tree.Remove(subscription);
        }
        session.Subscriptions.Clear();
        session.Retained.Remove(_ => true);
        session.Outbox.Detach();
        PublishWill(session);
        ShareAnew(session, isOver: true);
    }

    private void PublishWill(BrokerSession session)
    {
        if (session.Will is { } will)
        {
            session.Will = null;
            session.WillDueAt = null;
            _counters.OnReceived();
            RouteLocked(new BrokerMessage(will.Message, Now), session.ClientId);
        }
    }

    /// <summary>Gives the shared messages that a client that went did not take to other members of the group. While
    /// none of them is connected, they wait for the client, unless that will not come back.</summary>
    private void ShareAnew(BrokerSession session, bool isOver)
    {
        foreach (var delivery in session.Outbox.TakeShared(g => isOver || g.IsAnyConnected))
        {
            var group = delivery.Share!;
            if (!group.TryOffer(s => TryAdd(s.Session, BrokerDelivery.Of(delivery.Message, s)), mayBeAway: true)
                && !group.IsEmpty)
            {
                _counters.OnDroppedAway();
            }
        }
    }
}
