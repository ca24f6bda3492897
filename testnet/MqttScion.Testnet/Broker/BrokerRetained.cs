using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>The retained messages, one for each topic, bounded in count and bytes.</summary>
internal sealed class BrokerRetained
{
    private readonly Dictionary<string, BrokerMessage> _messages = [];
    private long _bytes;

    public int Count => _messages.Count;

    /// <summary>Keeps a message in place of the former one of its topic; an empty one only removes that.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryKeep(BrokerMessage message, PocketBrokerOptions options, DateTimeOffset now)
    {
        var topic = message.Content.Topic;
        if (message.Content.Payload.IsEmpty)
        {
            Remove(topic);
            return true;
        }
        if (!HasRoom(message, options))
        {
            foreach (var over in _messages.Where(m => m.Value.Expiry.IsOver(now)).Select(m => m.Key).ToList())
            {
                Remove(over);
            }
            if (!HasRoom(message, options))
            {
                return false;
            }
        }
        Remove(topic);
        _messages.Add(topic, message);
        _bytes += message.CostBytes;
        return true;
    }

    /// <summary>The messages that a new subscription asks for.</summary>
    public IEnumerable<BrokerMessage> Find(string filter, DateTimeOffset now)
    {
        if (!MqttTopic.HasWildcard(filter))
        {
            return _messages.TryGetValue(filter, out var message) && !message.Expiry.IsOver(now) ? [message] : [];
        }
        return _messages.Values.Where(m => !m.Expiry.IsOver(now) && MqttTopic.Matches(filter, m.Content.Topic));
    }

    /// <summary>The message of a topic, or null.</summary>
    public BrokerMessage? Get(string topic, DateTimeOffset now) =>
        _messages.TryGetValue(topic, out var message) && !message.Expiry.IsOver(now) ? message : null;

    private bool HasRoom(BrokerMessage message, PocketBrokerOptions options)
    {
        var isNew = !_messages.TryGetValue(message.Content.Topic, out var former);
        return _messages.Count + (isNew ? 1 : 0) <= options.MaximumRetainedMessages
            && _bytes - (former?.CostBytes ?? 0) + message.CostBytes <= options.MaximumRetainedBytes;
    }

    private void Remove(string topic)
    {
        if (_messages.Remove(topic, out var former))
        {
            _bytes -= former.CostBytes;
        }
    }
}
