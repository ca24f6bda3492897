namespace MqttScion.Testnet;

/// <summary>The packet identifiers of QoS 2 messages that a client sent and did not release yet.</summary>
/// <remarks>Thread-safe: a connection and the one that takes it over may both still read.</remarks>
internal sealed class BrokerInbox
{
    private readonly Lock _lock = new();
    private readonly HashSet<ushort> _unreleased = [];

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

    public bool Contains(ushort packetId)
    {
        lock (_lock)
        {
            return _unreleased.Contains(packetId);
        }
    }

    /// <summary>False for a message that came before [MQTT-4.3.3-10].</summary>
    public bool TryBegin(ushort packetId)
    {
        lock (_lock)
        {
            return _unreleased.Add(packetId);
        }
    }

    /// <summary>False when the identifier is not in use.</summary>
    public bool TryEnd(ushort packetId)
    {
        lock (_lock)
        {
            return _unreleased.Remove(packetId);
        }
    }
}
