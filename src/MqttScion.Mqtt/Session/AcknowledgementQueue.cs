namespace MqttScion.Mqtt;

/// <summary>The QoS 1 and 2 messages that came and are not finished. Lets acknowledgements out in arrival
/// order.</summary>
/// <remarks>[MQTT-4.6.0-2] and [MQTT-4.6.0-3]: PUBACK and PUBREC leave in the order the PUBLISH packets came.</remarks>
internal sealed class AcknowledgementQueue
{
    private readonly Queue<Entry> _inOrder = [];
    private readonly Dictionary<ushort, Entry> _open = [];
    private readonly HashSet<ushort> _unreleased;

    public AcknowledgementQueue(IEnumerable<ushort> unreleased) => _unreleased = [.. unreleased];

    /// <summary>How many messages count against our Receive Maximum.</summary>
    public int Count => _open.Count + _unreleased.Count;

    /// <summary>QoS 2 messages that were answered with PUBREC and whose PUBREL did not come yet.</summary>
    public IReadOnlyCollection<ushort> Unreleased => _unreleased;

    public bool IsOpen(ushort packetId) => _open.ContainsKey(packetId);

    public bool IsUnreleased(ushort packetId) => _unreleased.Contains(packetId);

    public void Add(ushort packetId, MqttQualityOfServiceLevel qos)
    {
        var entry = new Entry(packetId, qos == MqttQualityOfServiceLevel.ExactlyOnce);
        _open.Add(packetId, entry);
        _inOrder.Enqueue(entry);
    }

    /// <summary>Notes the answer. False when no such message is open, or when it was answered before.</summary>
    public bool TryAnswer(ushort packetId, byte reasonCode)
    {
        if (!_open.TryGetValue(packetId, out var entry) || entry.Answer is not null)
        {
            return false;
        }
        entry.Answer = reasonCode;
        return true;
    }

    /// <summary>Takes the next packet that may go out now.</summary>
    public bool TryTakeNext(out MqttAckPacket packet)
    {
        packet = default;
        if (!_inOrder.TryPeek(out var entry) || entry.Answer is not { } answer)
        {
            return false;
        }
        _inOrder.Dequeue();
        _open.Remove(entry.PacketId);
        if (entry.IsExactlyOnce && answer < 0x80)
        {
            _unreleased.Add(entry.PacketId);
        }
        packet = new MqttAckPacket(
            entry.IsExactlyOnce ? MqttPacketType.PubRec : MqttPacketType.PubAck, entry.PacketId, answer);
        return true;
    }

    /// <summary>Ends a QoS 2 message. False when it is not known.</summary>
    public bool TryRelease(ushort packetId) => _unreleased.Remove(packetId);

    public void Clear()
    {
        _inOrder.Clear();
        _open.Clear();
        _unreleased.Clear();
    }

    private sealed class Entry(ushort packetId, bool isExactlyOnce)
    {
        public ushort PacketId { get; } = packetId;

        public bool IsExactlyOnce { get; } = isExactlyOnce;

        public byte? Answer { get; set; }
    }
}
