using System.Buffers;

namespace MqttScion.Quic;

/// <summary>Unreliable datagrams that wait, in pooled buffers and a bounded number.</summary>
internal sealed class DatagramQueue(int maxCount) : IDisposable
{
    private readonly Queue<(byte[] Bytes, int Length)> _items = new();

    public int Count => _items.Count;

    /// <summary>The length of the first datagram; meaningful while there is one.</summary>
    public int FirstLength => _items.Peek().Length;

    public bool TryAdd(ReadOnlySpan<byte> datagram)
    {
        if (_items.Count >= maxCount)
            return false;
        var bytes = ArrayPool<byte>.Shared.Rent(datagram.Length);
        datagram.CopyTo(bytes);
        _items.Enqueue((bytes, datagram.Length));
        return true;
    }

    /// <summary>Copies the first datagram out as far as there is room, and forgets it.</summary>
    public void Take(Span<byte> destination)
    {
        var (bytes, length) = _items.Dequeue();
        bytes.AsSpan(0, Math.Min(length, destination.Length)).CopyTo(destination);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    public void Dispose()
    {
        while (_items.Count > 0)
            Take([]);
    }
}
