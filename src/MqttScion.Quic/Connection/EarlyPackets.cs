using System.Buffers;

namespace MqttScion.Quic;

/// <summary>Packets that came before the keys for them did (RFC 9001 §5.7), in a bounded number.</summary>
internal sealed class EarlyPackets : IDisposable
{
    public const int MaxPackets = 16;

    private readonly List<Early> _packets = [];

    public int Count => _packets.Count;

    /// <summary>Keeps a copy of a packet; false when there are enough already.</summary>
    public bool TryAdd(PacketType type, ReadOnlySpan<byte> packet, int pathId, EcnCodepoint ecn)
    {
        if (_packets.Count == MaxPackets)
            return false;
        var copy = ArrayPool<byte>.Shared.Rent(packet.Length);
        packet.CopyTo(copy);
        _packets.Add(new Early(type, copy, packet.Length, pathId, ecn));
        return true;
    }

    /// <summary>Takes the oldest packet of a type; the caller gives its array back to the pool.</summary>
    public bool TryTake(PacketType type, out Early packet)
    {
        var index = _packets.FindIndex(item => item.Type == type);
        packet = index < 0 ? default : _packets[index];
        if (index >= 0)
            _packets.RemoveAt(index);
        return index >= 0;
    }

    public void Dispose()
    {
        foreach (var packet in _packets)
            ArrayPool<byte>.Shared.Return(packet.Bytes);
        _packets.Clear();
    }

    /// <summary>One packet and how it came.</summary>
    internal readonly record struct Early(PacketType Type, byte[] Bytes, int Length, int PathId, EcnCodepoint Ecn);
}
