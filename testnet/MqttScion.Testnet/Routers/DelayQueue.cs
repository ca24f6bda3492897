using System.Buffers;

namespace MqttScion.Testnet;

/// <summary>Packets that wait on a slow link, in the order of their due times.</summary>
/// <remarks>For one loop. Bounded: a full queue refuses packets, as a router's does.</remarks>
internal sealed class DelayQueue : IDisposable
{
    /// <summary>The most packets that wait.</summary>
    internal const int Capacity = 8192;

    private readonly PriorityQueue<DelayedPacket, (long Due, long Order)> _packets = new();
    private long _order;

    /// <summary>When the first packet is due, as a timestamp of the loop's clock; null when none waits.</summary>
    internal long? NextDue => _packets.TryPeek(out _, out var priority) ? priority.Due : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_packets.TryDequeue(out var packet, out _))
            ArrayPool<byte>.Shared.Return(packet.Buffer);
    }

    internal bool TryAdd(ReadOnlySpan<byte> packet, ushort interfaceId, long due)
    {
        if (_packets.Count >= Capacity)
            return false;
        var buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        packet.CopyTo(buffer);
        _packets.Enqueue(new DelayedPacket(interfaceId, buffer, packet.Length), (due, _order++));
        return true;
    }

    /// <summary>Takes the next packet that is due; give it back with <see cref="Return"/>.</summary>
    internal bool TryTake(long now, out DelayedPacket packet)
    {
        packet = default;
        if (NextDue is not { } due || due > now)
            return false;
        packet = _packets.Dequeue();
        return true;
    }

    internal static void Return(in DelayedPacket packet) => ArrayPool<byte>.Shared.Return(packet.Buffer);

    /// <summary>One waiting packet.</summary>
    internal readonly record struct DelayedPacket(ushort InterfaceId, byte[] Buffer, int Length)
    {
        internal ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);
    }
}
