namespace MqttScion.Testnet;

/// <summary>The retained messages that subscriptions of a session are still to get [MQTT-3.3.1-9], beyond what its
/// queue should hold at a time.</summary>
/// <remarks>Guarded by the router's lock. It holds topics, not messages: what is sent is what is retained then, so that
/// nothing older comes after a message that was delivered meanwhile.</remarks>
internal sealed class BrokerBacklog
{
    private readonly Queue<(BrokerSubscription Subscription, Queue<string> Topics)> _parts = [];

    /// <summary>How many topics wait.</summary>
    public int Count { get; private set; }

    public void Add(BrokerSubscription subscription, IEnumerable<string> topics)
    {
        var part = new Queue<string>(topics);
        if (part.Count > 0)
        {
            Count += part.Count;
            _parts.Enqueue((subscription, part));
        }
    }

    /// <summary>The next, left where it is; false when there is none.</summary>
    public bool TryPeek(out BrokerSubscription subscription, out string topic)
    {
        var isAny = _parts.TryPeek(out var part);
        (subscription, topic) = isAny ? (part.Subscription, part.Topics.Peek()) : (null!, null!);
        return isAny;
    }

    /// <summary>Takes the next. There must be one.</summary>
    public void Take()
    {
        var topics = _parts.Peek().Topics;
        topics.Dequeue();
        Count--;
        if (topics.Count == 0)
        {
            _parts.Dequeue();
        }
    }

    /// <summary>Forgets what is for subscriptions that fit: they ended, or are made anew.</summary>
    public void Remove(Predicate<BrokerSubscription> match)
    {
        for (var count = _parts.Count; count > 0; count--)
        {
            var part = _parts.Dequeue();
            if (match(part.Subscription))
            {
                Count -= part.Topics.Count;
            }
            else
            {
                _parts.Enqueue(part);
            }
        }
    }
}
