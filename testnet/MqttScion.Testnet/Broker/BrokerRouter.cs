using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>Takes messages to whom they are for. The sessions are in the other part.</summary>
/// <remarks>One lock guards the whole state; nothing waits and no user code runs while it is held.</remarks>
internal sealed partial class BrokerRouter
{
    private readonly Lock _lock = new();
    private readonly PocketBrokerOptions _options;
    private readonly BrokerCounters _counters;
    private readonly PocketBrokerState _state;
    private readonly ITimer _timer;

    // Scratch of the message that is just being routed.
    private readonly List<BrokerSubscription> _matches = [];
    private readonly List<BrokerShareGroup> _groups = [];
    private readonly List<BrokerSession> _merging = [];

    public BrokerRouter(PocketBrokerOptions options, BrokerCounters counters, PocketBrokerState state)
    {
        (_options, _counters, _state) = (options, counters, state);
        foreach (var session in state.Sessions.Values)
        {
            session.Outbox.Adopt(options, counters);
        }
        _timer = options.TimeProvider.CreateTimer(
            _ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        OnTimer();
    }

    private DateTimeOffset Now => _options.TimeProvider.GetUtcNow();

    /// <summary>Takes a message to its subscribers, and keeps it when it is to be retained.</summary>
    /// <returns>Quota exceeded when a queue did not take a QoS 1 or 2 message: the publisher shall know.</returns>
    public MqttClientPublishReasonCode Route(MqttApplicationMessage content, string? publisherId)
    {
        _counters.OnReceived();
        var now = content.MessageExpiryInterval is null ? default : Now;
        var message = new BrokerMessage(content, now);
        lock (_lock)
        {
            return RouteLocked(message, publisherId);
        }
    }

    /// <summary>Adds or replaces a subscription, and sends the retained messages that it asks for.</summary>
    public MqttClientSubscribeResultCode Subscribe(
        BrokerSession session, BrokerConnection connection, MqttTopicFilter filter, uint? identifier)
    {
        var qos = filter.QualityOfServiceLevel < _options.MaximumQoS
            ? filter.QualityOfServiceLevel
            : _options.MaximumQoS;
        if (BrokerTopicTree.IsTooDeep(filter.Topic))
        {
            return MqttClientSubscribeResultCode.TopicFilterInvalid;
        }
        lock (_lock)
        {
            var isNew = !session.Subscriptions.TryGetValue(filter.Topic, out var former);
            if (session.Connection != connection
                || (isNew && session.Subscriptions.Count >= _options.MaximumSubscriptions)
                || session.Retained.Count > _options.MaximumRetainedMessages)
            {
                return MqttClientSubscribeResultCode.QuotaExceeded;
            }
            if (former is not null)
            {
                _state.Tree.Remove(former);
                session.Retained.Remove(s => s == former);
            }
            var subscription = new BrokerSubscription(session, filter, qos, identifier);
            session.Subscriptions[filter.Topic] = subscription;
            _state.Tree.Add(subscription);
            if (subscription.Share is null && (filter.RetainHandling == MqttRetainHandling.SendAtSubscribe
                || (filter.RetainHandling == MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly && isNew)))
            {
                var topics = _state.Retained.Find(filter.Topic, Now).Select(m => m.Content.Topic);
                session.Retained.Add(subscription, topics);
                SendRetained(session);
            }
        }
        return (MqttClientSubscribeResultCode)qos;
    }

    /// <summary>Queues more of the retained messages that subscriptions asked for, as there is room.</summary>
    public void SendRetained(BrokerSession session, BrokerConnection connection)
    {
        if (session.Retained.Count == 0) // A look without the lock: a subscription that comes now queues its own.
        {
            return;
        }
        lock (_lock)
        {
            if (session.Connection == connection)
            {
                SendRetained(session);
            }
        }
    }

    public MqttClientUnsubscribeResultCode Unsubscribe(BrokerSession session, string filter)
    {
        lock (_lock)
        {
            if (!session.Subscriptions.Remove(filter, out var subscription))
            {
                return MqttClientUnsubscribeResultCode.NoSubscriptionExisted;
            }
            _state.Tree.Remove(subscription);
            session.Retained.Remove(s => s == subscription);
            return MqttClientUnsubscribeResultCode.Success;
        }
    }

    private MqttClientPublishReasonCode RouteLocked(BrokerMessage message, string? publisherId)
    {
        if (message.Content.Retain && !_state.Retained.TryKeep(message, _options, Now))
        {
            return MqttClientPublishReasonCode.QuotaExceeded;
        }
        _matches.Clear();
        _groups.Clear();
        _state.Tree.Match(message.Content.Topic, _matches, _groups);
        var result = MqttClientPublishReasonCode.NoMatchingSubscribers;
        foreach (var subscription in _matches)
        {
            if (!subscription.Wants(publisherId))
            {
                continue;
            }
            if (_options.OneCopyPerSubscription)
            {
                Note(ref result, TryDeliver(subscription.Session, BrokerDelivery.Of(message, subscription)));
            }
            else if (subscription.Session.Merged is { } merged)
            {
                merged.Merge(subscription);
            }
            else
            {
                subscription.Session.Merged = BrokerDelivery.Of(message, subscription);
                _merging.Add(subscription.Session);
            }
        }
        foreach (var session in _merging)
        {
            Note(ref result, TryDeliver(session, session.Merged!));
            session.Merged = null;
        }
        _merging.Clear();
        foreach (var group in _groups)
        {
            Note(ref result, TryShare(group, message));
        }
        return result;
    }

    private void SendRetained(BrokerSession session)
    {
        var now = Now;
        while (session.Outbox.HasRoomForRetained && session.Retained.TryPeek(out var subscription, out var topic))
        {
            // It may be gone by now. One that is too large for what is queued waits until that is sent.
            if (_state.Retained.Get(topic, now) is { } message
                && !TryAdd(session, BrokerDelivery.Of(message, subscription, isRetained: true)))
            {
                return;
            }
            session.Retained.Take();
        }
    }

    private static void Note(ref MqttClientPublishReasonCode result, bool isDelivered)
    {
        if (!isDelivered)
        {
            result = MqttClientPublishReasonCode.QuotaExceeded;
        }
        else if (result == MqttClientPublishReasonCode.NoMatchingSubscribers)
        {
            result = MqttClientPublishReasonCode.Success;
        }
    }

    /// <summary>Gives a message to one member of a group. False when no queue takes it.</summary>
    private bool TryShare(BrokerShareGroup group, BrokerMessage message)
    {
        var isAtMostOnce = message.Content.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce;
        if (group.TryOffer(s => TryAdd(s.Session, BrokerDelivery.Of(message, s)), mayBeAway: !isAtMostOnce))
        {
            return true;
        }
        if (isAtMostOnce)
        {
            _counters.OnDroppedAtMostOnce();
        }
        else
        {
            _counters.OnRefusedAtLeastOnce();
        }
        return isAtMostOnce;
    }

    /// <summary>Queues a message. False only when its publisher is to be told that it was not taken.</summary>
    private bool TryDeliver(BrokerSession session, BrokerDelivery delivery)
    {
        var isAtMostOnce = delivery.QoS == MqttQualityOfServiceLevel.AtMostOnce;
        var isAway = session.Connection is null;
        if ((isAtMostOnce && isAway) || TryAdd(session, delivery))
        {
            return true;
        }
        if (isAtMostOnce)
        {
            _counters.OnDroppedAtMostOnce();
        }
        else if (isAway)
        {
            // Who is away for long must not make publishers wait for nothing.
            _counters.OnDroppedAway();
        }
        else
        {
            _counters.OnRefusedAtLeastOnce();
            return false;
        }
        return true;
    }

    private static bool TryAdd(BrokerSession session, BrokerDelivery delivery)
    {
        if (!session.Outbox.TryAdd(delivery))
        {
            return false;
        }
        session.Connection?.Wake();
        return true;
    }
}
