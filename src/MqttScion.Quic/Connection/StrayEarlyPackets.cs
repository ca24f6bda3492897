namespace MqttScion.Quic;

/// <summary>
/// 0-RTT packets that overtook the Initial of their connection (RFC 9000 §5.2.2), a few for each and in all. The oldest
/// make way.
/// </summary>
internal sealed class StrayEarlyPackets
{
    public const int MaxPackets = 64;
    public const int MaxPerConnection = 8;

    private readonly List<Stray> _packets = [];

    public int Count => _packets.Count;

    public void Add(ConnectionId destination, ReadOnlySpan<byte> packet, int pathId)
    {
        if (_packets.Count(item => item.Destination.Equals(destination)) >= MaxPerConnection)
            return;
        if (_packets.Count == MaxPackets)
            _packets.RemoveAt(0);
        _packets.Add(new Stray(destination, packet.ToArray(), pathId));
    }

    /// <summary>Moves the packets of a connection to it.</summary>
    public void MoveTo(ConnectionId destination, EarlyPackets target)
    {
        foreach (var stray in _packets)
        {
            if (stray.Destination.Equals(destination))
                target.TryAdd(PacketType.ZeroRtt, stray.Bytes, stray.PathId, EcnCodepoint.NotEct);
        }

        _packets.RemoveAll(item => item.Destination.Equals(destination));
    }

    private sealed record Stray(ConnectionId Destination, byte[] Bytes, int PathId);
}
