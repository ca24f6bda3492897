using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>The sessions, their subscriptions and the retained messages; takes messages to whom they are for.</summary>
/// <remarks>One lock guards all; nothing waits while it is held.</remarks>
internal sealed class BrokerRouter(PocketBrokerOptions options, BrokerCounters counters)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, BrokerSession> _sessions = [];
    private readonly Dictionary<string, (MqttApplicationMessage Message, BrokerExpiry Expiry)> _retained = [];
    private long _retainedBytes;

    private DateTimeOffset Now => options.TimeProvider.GetUtcNow();

    public IReadOnlyList<BrokerConnection> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _sessions.Values.Where(s => s.Connection is not null).Select(s => s.Connection!)];
            }
        }
    }

    /// <summary>Gives a client its session. Null when there are too many; an older connection is taken over.</summary>
    public BrokerSession? Attach(BrokerConnection connection, MqttConnectPacket connect, out bool isPresent)
    {
        BrokerConnection? former = null;
        BrokerSession? session;
        lock (_lock)
        {
            RemoveExpired();
            isPresent = _sessions.TryGetValue(connection.ClientId, out session);
            if (isPresent)
            {
                former = session!.Connection;
            }
            if (!isPresent || connect.CleanStart)
            {
                if (!isPresent && _sessions.Count >= options.MaximumSessions)
                {
                    return null;
                }
                session = new BrokerSession(connection.ClientId, options, counters);
                _sessions[connection.ClientId] = session;
                isPresent = false;
            }
            session!.Connection = connection;
            session.ExpiresAt = null;
            session.Outbox.Attach(
                connection,
                (ushort)(connect.Properties?.Number(MqttPropertyId.ReceiveMaximum) ?? ushort.MaxValue),
                connect.Properties?.Number(MqttPropertyId.MaximumPacketSize) ?? long.MaxValue);
        }
        former?.Disconnect(MqttDisconnectReasonCode.SessionTakenOver);
        return session;
    }

    /// <summary>Ends a connection; its session stays for the seconds that the client asked for.</summary>
    public void Detach(BrokerSession session, BrokerConnection connection, uint expirySeconds)
    {
        lock (_lock)
        {
            if (session.Connection != connection)
            {
                return;
            }
            session.Connection = null;
            session.Outbox.Detach();
            session.ExpiresAt = expirySeconds == uint.MaxValue ? null : Now + TimeSpan.FromSeconds(expirySeconds);
            RemoveExpired();
        }
    }

    /// <summary>Takes a message to its subscribers, and keeps it when it is to be retained.</summary>
    /// <returns>Quota exceeded when a queue did not take a QoS 1 message: the publisher shall know.</returns>
    public MqttClientPublishReasonCode Route(MqttApplicationMessage message, string? publisherId)
    {
        counters.OnReceived();
        var expiry = BrokerExpiry.From(message.MessageExpiryInterval, Now);
        var result = MqttClientPublishReasonCode.NoMatchingSubscribers;
        lock (_lock)
        {
            if (message.Retain && !TryRetain(message, expiry))
            {
                return MqttClientPublishReasonCode.QuotaExceeded;
            }
            foreach (var session in _sessions.Values)
            {
                if (session.IsOver(Now) || session.Match(message, publisherId, expiry) is not { } delivery)
                {
                    continue;
                }
                if (!TryDeliver(session, delivery) && delivery.QoS != MqttQualityOfServiceLevel.AtMostOnce)
                {
                    result = MqttClientPublishReasonCode.QuotaExceeded;
                }
                else if (result == MqttClientPublishReasonCode.NoMatchingSubscribers)
                {
                    result = MqttClientPublishReasonCode.Success;
                }
            }
        }
        return result;
    }

    /// <summary>Adds or replaces a subscription, and sends the retained messages that it asks for.</summary>
    public MqttClientSubscribeResultCode Subscribe(BrokerSession session, MqttTopicFilter filter, uint? identifier)
    {
        var qos = BrokerSession.Lower(filter.QualityOfServiceLevel, BrokerConnection.MaximumQoS);
        lock (_lock)
        {
            var isNew = !session.Subscriptions.ContainsKey(filter.Topic);
            if (isNew && session.Subscriptions.Count >= options.MaximumSubscriptions)
            {
                return MqttClientSubscribeResultCode.QuotaExceeded;
            }
            session.Subscriptions[filter.Topic] = new BrokerSubscription(filter, qos, identifier);
            if (filter.RetainHandling == MqttRetainHandling.SendAtSubscribe
                || (filter.RetainHandling == MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly && isNew))
            {
                SendRetained(session, filter, qos, identifier);
            }
        }
        return (MqttClientSubscribeResultCode)qos;
    }

    public MqttClientUnsubscribeResultCode Unsubscribe(BrokerSession session, string filter)
    {
        lock (_lock)
        {
            return session.Subscriptions.Remove(filter)
                ? MqttClientUnsubscribeResultCode.Success
                : MqttClientUnsubscribeResultCode.NoSubscriptionExisted;
        }
    }

    private void SendRetained(
        BrokerSession session, MqttTopicFilter filter, MqttQualityOfServiceLevel qos, uint? identifier)
    {
        foreach (var (message, expiry) in _retained.Values)
        {
            if (!expiry.IsOver(Now) && MqttTopic.Matches(filter.Topic, message.Topic))
            {
                TryDeliver(session, new BrokerDelivery(
                    message, BrokerSession.Lower(qos, message.QualityOfServiceLevel), Retain: true,
                    identifier is { } id ? [id] : [], expiry));
            }
        }
    }

    private bool TryDeliver(BrokerSession session, BrokerDelivery delivery)
    {
        var isAtMostOnce = delivery.QoS == MqttQualityOfServiceLevel.AtMostOnce;
        if (isAtMostOnce && session.Connection is null)
        {
            return true;
        }
        if (session.Outbox.TryAdd(delivery))
        {
            session.Connection?.Wake();
            return true;
        }
        if (isAtMostOnce)
        {
            counters.OnDroppedAtMostOnce();
        }
        else
        {
            counters.OnRefusedAtLeastOnce();
        }
        return false;
    }

    private bool TryRetain(MqttApplicationMessage message, BrokerExpiry expiry)
    {
        var formerBytes = _retained.TryGetValue(message.Topic, out var former) ? former.Message.Payload.Length : 0;
        if (message.Payload.IsEmpty)
        {
            _retained.Remove(message.Topic);
        }
        else if (_retainedBytes - formerBytes + message.Payload.Length > options.MaximumRetainedBytes)
        {
            return false;
        }
        else
        {
            _retained[message.Topic] = (message, expiry);
        }
        _retainedBytes += message.Payload.Length - formerBytes;
        return true;
    }

    private void RemoveExpired()
    {
        var now = Now;
        foreach (var session in _sessions.Values.Where(s => s.IsOver(now)).ToList())
        {
            _sessions.Remove(session.ClientId);
        }
    }
}
