namespace MqttScion.Testnet;

/// <summary>The packet identifiers of QoS 2 messages that a client sent and did not release yet.</summary>
/// <remarks>Thread-safe: a connection and the one that takes it over may both still read. Only the latter counts: what
/// the other one reads late, the client sends again, and has perhaps released by then.</remarks>
internal sealed class BrokerInbox
{
    private readonly Lock _lock = new();
    private readonly HashSet<ushort> _unreleased = [];
    private object? _owner;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _unreleased.Count;
            }
        }
    }

    /// <summary>A connection begins, and ends the part of the one before.</summary>
    public void Attach(object owner)
    {
        lock (_lock)
        {
            _owner = owner;
        }
    }

    public bool Contains(ushort packetId)
    {
        lock (_lock)
        {
            return _unreleased.Contains(packetId);
        }
    }

    /// <summary>False for a message that came before [MQTT-4.3.3-10], or that is not the owner's.</summary>
    public bool TryBegin(object owner, ushort packetId)
    {
        lock (_lock)
        {
            return owner == _owner && _unreleased.Add(packetId);
        }
    }

    /// <summary>False when the identifier is not in use, or the connection is not the owner.</summary>
    public bool TryEnd(object owner, ushort packetId)
    {
        lock (_lock)
        {
            return owner == _owner && _unreleased.Remove(packetId);
        }
    }
}
