using System.Buffers;

namespace MqttScion.Mqtt;

/// <summary>A growable queue of bytes in one pooled array: written at the end, consumed at the start.</summary>
/// <remarks>The array goes back to the pool whenever the queue becomes empty, so an idle connection holds no
/// memory.</remarks>
internal sealed class MqttByteQueue : IBufferWriter<byte>
{
    private const int SmallestRent = 512;
    private const int LargestDoubled = 1 << 29;

    private byte[] _array = [];
    private int _start;
    private int _end;

    public int Count => _end - _start;

    public ReadOnlySpan<byte> Written => _array.AsSpan(_start, Count);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - _end), nameof(count));
        _end += count;
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _array.AsSpan(_end);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(Math.Max(sizeHint, 1));
        return _array.AsMemory(_end);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            bytes.CopyTo(GetSpan(bytes.Length));
            _end += bytes.Length;
        }
    }

    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Count, nameof(count));
        _start += count;
        if (_start == _end)
        {
            Clear();
        }
    }

    public void Clear()
    {
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }
        _array = [];
        _start = _end = 0;
    }

    private void MakeRoom(int sizeHint)
    {
        if (_array.Length - _end >= sizeHint)
        {
            return;
        }
        var needed = checked(Count + sizeHint);
        if (needed <= _array.Length && _start >= Count)
        {
            Written.CopyTo(_array);
        }
        else
        {
            // Doubling keeps the copying linear in the bytes written.
            var doubled = Count < LargestDoubled ? 2 * Count : 0;
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(needed, SmallestRent), doubled));
            Written.CopyTo(larger);
            if (_array.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_array);
            }
            _array = larger;
        }
        _end = Count;
        _start = 0;
    }
}
