using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// Takes messages to the consumers: by subscription identifier or, where the server has none, by topic.
/// </summary>
internal sealed partial class SubscriptionHub
{
    private readonly List<Subscription> _found = [];
    private readonly List<(Subscription Subscription, int Generation)> _matches = [];
    private readonly List<Recipient> _targets = [];
    private readonly List<Subscription> _holding = [];

    // Whose turn it is among the filters that match a topic; topics that share a place only share the order.
    private readonly ushort[] _turns = settings.Options.ServerSendsCopyPerSubscription ? new ushort[4096] : [];
    private bool _mayHaveForeign;
    private long _messageCount;

    /// <summary>A message came. Called on the loop: queues it and returns.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delivery">Of QoS 1 and 2: begun with the message; else null.</param>
    public void OnMessage(MqttApplicationMessage message, Delivery? delivery)
    {
        Telemetry.Metrics.OnReceived(message);
        lock (_gate)
        {
            _messageCount++;
            _matches.Clear();
            _targets.Clear();
            _holding.Clear();
            Match(message);
            FindTargets(message);
            var count = _targets.Count + _holding.Count;
            if (count > 0)
            {
                delivery?.Expect(count);
                var waiting = new WaitingMessage(message, delivery);
                foreach (var subscription in _holding)
                {
                    Hold(subscription, new HeldMessage(waiting, Former: null, DeliveryOutcome.Unwanted));
                }
                foreach (var target in _targets)
                {
                    target.Offer(waiting);
                }
                return;
            }
            if (TryHoldUnclaimed(new WaitingMessage(message, delivery)))
            {
                return;
            }
        }
        // The usual cause is a message that crossed our UNSUBSCRIBE: the server wants its answer all the same.
        drops.Report(null, message, MessageDropReason.NoSubscription);
        delivery?.Expect(1);
        delivery?.Complete(DeliveryOutcome.Dropped);
    }

    /// <summary>A message was not handed over to a consumer.</summary>
    public void OnDropped(
        Recipient recipient, MqttApplicationMessage message, MessageDropReason reason, Exception? error = null) =>
        drops.Report(recipient.Subscription?.Filter.Topic, message, reason, error);

    /// <summary>An observer threw on a thread of its own: on a message, or at the end.</summary>
    public void OnObserverFailed(string filter, MqttApplicationMessage? message, Exception error)
    {
        if (message is null)
        {
            drops.ReportFailure(filter, error);
        }
        else
        {
            drops.Report(filter, message, MessageDropReason.ObserverFailed, error);
        }
    }

    /// <summary>Everybody went before a message reached them.</summary>
    public void OnUnwanted(MqttApplicationMessage message) =>
        drops.Report(null, message, MessageDropReason.NoSubscription);

    /// <summary>An observer threw when it was told of the end, or a handler's filter was refused.</summary>
    public void OnEndFailed(Recipient recipient, Exception error) =>
        drops.ReportFailure(recipient.Subscription?.Filter.Topic ?? "", error);

    private void FindTargets(MqttApplicationMessage message)
    {
        foreach (var (subscription, generation) in _matches)
        {
            if (subscription.Holds)
            {
                _holding.Add(subscription);
            }
            foreach (var recipient in subscription.Recipients)
            {
                if (subscription.IsFor(recipient, message.Retain, generation))
                {
                    _targets.Add(recipient);
                }
            }
        }
    }

    private void Match(MqttApplicationMessage message)
    {
        if (message.SubscriptionIdentifiers is not { Count: > 0 } ids)
        {
            MatchByTopic(message);
            DealOut(message);
            return;
        }
        for (var i = 0; i < ids.Count; i++)
        {
            // A session that an earlier process began can hold other filters under these identifiers.
            if (_byNumber.TryGetValue(ids[i] / Subscription.GenerationCount, out var subscription)
                && subscription.LastMatch != _messageCount
                && MqttTopic.Matches(subscription.Filter.Topic, message.Topic))
            {
                subscription.LastMatch = _messageCount;
                _matches.Add((subscription, (int)(ids[i] % Subscription.GenerationCount)));
            }
        }
        if (_matches.Count == 0 && _mayHaveForeign)
        {
            MatchByTopic(message);
        }
    }

    private void MatchByTopic(MqttApplicationMessage message)
    {
        _found.Clear();
        _byTopic.Match(message.Topic, _found);
        foreach (var subscription in _found)
        {
            _matches.Add((subscription, -1));
        }
    }

    // Each of as many copies as filters match goes to another filter: so each gets one, wherever the count began.
    private void DealOut(MqttApplicationMessage message)
    {
        if (_turns.Length == 0 || _matches.Count < 2 || message.Retain)
        {
            return;
        }
        ref var turn = ref _turns[string.GetHashCode(message.Topic, StringComparison.Ordinal) & (_turns.Length - 1)];
        var dealt = _matches[turn++ % _matches.Count];
        _matches.Clear();
        _matches.Add(dealt);
    }
}
