namespace MqttScion.Tests.Chaos;

/// <summary>Which number a packet identifier stands for, and how often the flow of a QoS 2 message was begun.</summary>
/// <remarks>
/// A PUBLISH that repeats one under the same identifier goes on with its flow, as long as the sender has not sent
/// PUBREL: with that it owns up to the PUBREC, and must not send the PUBLISH again [MQTT-4.3.3-6].
/// </remarks>
internal sealed class WireFlows
{
    private readonly Dictionary<ushort, (long Number, bool IsReleased)> _flows = [];
    private readonly Dictionary<long, int> _counts = [];

    /// <summary>The QoS 2 messages whose flow was begun more than once.</summary>
    public IEnumerable<long> Repeated => _counts.Where(c => c.Value > 1).Select(c => c.Key);

    public int CountOf(long number) => _counts.GetValueOrDefault(number);

    /// <summary>The number of the last PUBLISH with the packet's identifier.</summary>
    public long? NumberOf(WirePacket packet) =>
        _flows.TryGetValue(packet.PacketId, out var flow) ? flow.Number : null;

    /// <param name="packet">The next packet of a client, in either direction.</param>
    /// <param name="isFromSender">True when it comes from the side whose messages these are.</param>
    public void Follow(WirePacket packet, bool isFromSender)
    {
        if (!isFromSender)
        {
            return;
        }
        if (packet.Type == WirePacket.Publish)
        {
            if (packet.Quality == 2
                && (!_flows.TryGetValue(packet.PacketId, out var flow) || flow != (packet.Number, false)))
            {
                _counts[packet.Number] = CountOf(packet.Number) + 1;
            }
            _flows[packet.PacketId] = (packet.Number, false);
        }
        else if (packet.Type == WirePacket.PubRel && _flows.TryGetValue(packet.PacketId, out var released))
        {
            _flows[packet.PacketId] = released with { IsReleased = true };
        }
    }
}
