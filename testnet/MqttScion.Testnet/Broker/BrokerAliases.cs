namespace MqttScion.Testnet;

/// <summary>The topic aliases of one connection, in both directions (MQTT 5 §3.3.2.3.4).</summary>
internal sealed class BrokerAliases(ushort incomingMaximum)
{
    private readonly Dictionary<ushort, string> _incoming = [];
    private readonly Dictionary<string, ushort> _outgoing = [];

    /// <summary>The highest alias that may be sent to the client.</summary>
    public ushort OutgoingMaximum { get; set; }

    public bool IsAllowed(ushort alias) => alias <= incomingMaximum;

    /// <summary>Tells the topic of an alias, or learns it when one came. Null for an alias without topic.</summary>
    public string? Resolve(ushort alias, string topic)
    {
        if (topic.Length == 0)
        {
            return _incoming.GetValueOrDefault(alias);
        }
        return _incoming[alias] = topic;
    }

    /// <summary>The alias of a topic to the client; 0 when there is none left for it.</summary>
    public ushort Assign(string topic, out bool isKnown)
    {
        isKnown = _outgoing.TryGetValue(topic, out var alias);
        if (!isKnown && _outgoing.Count < OutgoingMaximum)
        {
            _outgoing.Add(topic, alias = (ushort)(_outgoing.Count + 1));
        }
        return alias;
    }
}
