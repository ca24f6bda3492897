using System.Buffers;

namespace MqttScion.Testnet;

/// <summary>Packets on their way over slow links, in the order of their due times.</summary>
/// <remarks>For one loop; reads no clock. Bounded by what each link admits.</remarks>
internal sealed class DelayQueue : IDisposable
{
    private readonly PriorityQueue<DelayedPacket, (TimeSpan Due, long Order)> _packets = new();
    private long _order;

    /// <summary>When the first packet is due; null when none waits.</summary>
    internal TimeSpan? NextDue => _packets.TryPeek(out _, out var priority) ? priority.Due : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_packets.TryDequeue(out var packet, out _))
            Return(packet);
    }

    internal void Add(ReadOnlySpan<byte> packet, RouterLink link, TimeSpan due)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(packet.Length);
        packet.CopyTo(buffer);
        link.Shaper.OnQueued();
        _packets.Enqueue(new DelayedPacket(link, buffer, packet.Length), (due, _order++));
    }

    /// <summary>Takes the next packet that is due; give it back with <see cref="Return"/>.</summary>
    internal bool TryTake(TimeSpan now, out DelayedPacket packet)
    {
        packet = default;
        if (NextDue is not { } due || due > now)
            return false;
        packet = _packets.Dequeue();
        packet.Link.Shaper.OnReleased();
        return true;
    }

    internal static void Return(in DelayedPacket packet) => ArrayPool<byte>.Shared.Return(packet.Buffer);

    /// <summary>One waiting packet.</summary>
    internal readonly record struct DelayedPacket(RouterLink Link, byte[] Buffer, int Length)
    {
        internal ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Length);
    }
}
