namespace MqttScion.Mqtt;

/// <summary>The QoS 1 and 2 messages that came and are not finished. Lets acknowledgements out in arrival
/// order.</summary>
/// <remarks>[MQTT-4.6.0-2] and [MQTT-4.6.0-3]: PUBACK and PUBREC leave in the order the PUBLISH packets came.</remarks>
internal sealed class AcknowledgementQueue
{
    private const int NotAnswered = -1;

    private readonly Dictionary<ushort, int> _open = [];
    private readonly HashSet<ushort> _unreleased;

    // A ring whose length is a power of two; a sequence number counts on and is cut to an index.
    private Entry[] _ring = new Entry[16];
    private int _first;
    private int _end;

    public AcknowledgementQueue(IEnumerable<ushort> unreleased) => _unreleased = [.. unreleased];

    /// <summary>How many messages count against our Receive Maximum.</summary>
    public int Count => _open.Count + _unreleased.Count;

    /// <summary>How many messages wait for our answer.</summary>
    public int OpenCount => _open.Count;

    /// <summary>QoS 2 messages that were answered with PUBREC and whose PUBREL did not come yet.</summary>
    public IReadOnlyCollection<ushort> Unreleased => _unreleased;

    public bool IsOpen(ushort packetId) => _open.ContainsKey(packetId);

    public bool IsUnreleased(ushort packetId) => _unreleased.Contains(packetId);

    public void Add(ushort packetId, MqttQualityOfServiceLevel qos)
    {
        if (_end - _first == _ring.Length)
        {
            Grow();
        }
        _open.Add(packetId, _end);
        At(_end++) = new Entry(packetId, qos == MqttQualityOfServiceLevel.ExactlyOnce);
    }

    /// <summary>Notes the answer. False when no such message is open, or when it was answered before.</summary>
    public bool TryAnswer(ushort packetId, byte reasonCode)
    {
        if (!_open.TryGetValue(packetId, out var sequence) || At(sequence).Answer != NotAnswered)
        {
            return false;
        }
        At(sequence).Answer = reasonCode;
        return true;
    }

    /// <summary>Takes the next packet that may go out now.</summary>
    public bool TryTakeNext(out MqttAckPacket packet)
    {
        packet = default;
        if (_first == _end || At(_first).Answer == NotAnswered)
        {
            return false;
        }
        var entry = At(_first++);
        _open.Remove(entry.PacketId);
        if (entry.IsExactlyOnce && entry.Answer < 0x80)
        {
            _unreleased.Add(entry.PacketId);
        }
        packet = new MqttAckPacket(
            entry.IsExactlyOnce ? MqttPacketType.PubRec : MqttPacketType.PubAck, entry.PacketId, (byte)entry.Answer);
        return true;
    }

    /// <summary>Ends a QoS 2 message. False when it is not known.</summary>
    public bool TryRelease(ushort packetId) => _unreleased.Remove(packetId);

    public void Clear()
    {
        _first = _end = 0;
        _open.Clear();
        _unreleased.Clear();
    }

    private ref Entry At(int sequence) => ref _ring[sequence & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new Entry[2 * _ring.Length];
        for (var sequence = _first; sequence != _end; sequence++)
        {
            larger[sequence & (larger.Length - 1)] = At(sequence);
        }
        _ring = larger;
    }

    private struct Entry(ushort packetId, bool isExactlyOnce)
    {
        public readonly ushort PacketId = packetId;

        public readonly bool IsExactlyOnce = isExactlyOnce;

        public int Answer = NotAnswered;
    }
}
