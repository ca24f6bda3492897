namespace MqttScion.Mqtt;

/// <summary>Which topic aliases the server knows from us on this connection (MQTT 5 §3.3.2.3.4). When all are taken,
/// the least recently used one gets the next topic.</summary>
/// <remarks>Once a user sets an alias, the user has all of them: the two would overwrite each other.</remarks>
internal sealed class OutgoingTopicAliases
{
    private readonly Dictionary<string, LinkedListNode<(string Topic, ushort Alias)>> _byTopic = [];
    private readonly LinkedList<(string Topic, ushort Alias)> _byUse = [];
    private readonly HashSet<ushort> _setByUser = [];
    private readonly int _capacity;

    public OutgoingTopicAliases(int capacity) => _capacity = capacity;

    /// <summary>True while aliases are given out here.</summary>
    public bool IsAutomatic => _capacity > 0 && _setByUser.Count == 0;

    public bool IsSetByUser(ushort alias) => _setByUser.Contains(alias);

    public void SetByUser(ushort alias) => _setByUser.Add(alias);

    /// <summary>The alias that the server knows for the topic.</summary>
    public bool TryUse(string topic, out ushort alias)
    {
        if (!_byTopic.TryGetValue(topic, out var node))
        {
            alias = 0;
            return false;
        }
        alias = node.Value.Alias;
        if (_byUse.First != node)
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
        }
        return true;
    }

    /// <summary>Gives an alias to a topic that has none.</summary>
    public ushort Assign(string topic)
    {
        if (_byTopic.Count < _capacity)
        {
            var alias = (ushort)(_byTopic.Count + 1);
            _byTopic.Add(topic, _byUse.AddFirst((topic, alias)));
            return alias;
        }
        var oldest = _byUse.Last!;
        _byUse.RemoveLast();
        _byTopic.Remove(oldest.Value.Topic);
        oldest.Value = (topic, oldest.Value.Alias);
        _byUse.AddFirst(oldest);
        _byTopic.Add(topic, oldest);
        return oldest.Value.Alias;
    }
}
