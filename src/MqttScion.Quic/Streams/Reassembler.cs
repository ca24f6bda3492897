using System.Buffers;
using System.Numerics;

namespace MqttScion.Quic;

/// <summary>Incoming bytes of a stream in a ring, in any order, until they are read in order.</summary>
/// <remarks>The caller has checked the offset against its window, which bounds the ring.</remarks>
internal sealed class Reassembler : IDisposable
{
    private const int MinRingBytes = 4096;
    private const int MaxRanges = 4096;

    private readonly RangeSet _received = new();
    private byte[]? _ring;
    private int _mask;

    /// <summary>The offset of the next byte to read.</summary>
    public long Start { get; private set; }

    /// <summary>The highest offset that came, plus one.</summary>
    public long End { get; private set; }

    public int ReadableBytes =>
        !_received.IsEmpty && _received[0].Start == Start ? (int)(_received[0].End - Start) : 0;

    /// <summary>Takes bytes; false when they leave more gaps than are kept.</summary>
    public bool TryAdd(long offset, ReadOnlySpan<byte> data)
    {
        if (offset < Start)
        {
            data = data[(int)Math.Min(data.Length, Start - offset)..];
            offset = Start;
        }

        if (data.IsEmpty)
            return true;
        var end = offset + data.Length;
        if (_received.Count >= MaxRanges && !_received.Contains(offset, end))
            return false;
        Reserve((int)(Math.Max(End, end) - Start));
        CopyIn(offset, data);
        _received.Add(offset, end);
        End = Math.Max(End, end);
        return true;
    }

    /// <summary>Reads what is there in order.</summary>
    public int Read(Span<byte> destination)
    {
        var length = Math.Min(destination.Length, ReadableBytes);
        if (length == 0)
            return 0;
        var index = (int)(Start & _mask);
        var head = Math.Min(length, _mask + 1 - index);
        _ring.AsSpan(index, head).CopyTo(destination);
        _ring.AsSpan(0, length - head).CopyTo(destination[head..]);
        Consume(length);
        return length;
    }

    /// <summary>Throws away what is there in order and returns how much it was.</summary>
    public int Skip()
    {
        var length = ReadableBytes;
        if (length > 0)
            Consume(length);
        return length;
    }

    /// <summary>Throws away everything.</summary>
    public void Dispose()
    {
        _received.Clear();
        Release();
    }

    private void Consume(int length)
    {
        Start += length;
        _received.Remove(0, Start);
        if (_received.IsEmpty)
            Release();
    }

    private void Reserve(int neededBytes)
    {
        if (_ring is not null && neededBytes <= _mask + 1)
            return;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(neededBytes, MinRingBytes));
        var old = _ring;
        var oldMask = _mask;
        _ring = ArrayPool<byte>.Shared.Rent(size);
        _mask = size - 1;
        if (old is null)
            return;
        var length = (int)(End - Start);
        var index = (int)(Start & oldMask);
        var head = Math.Min(length, oldMask + 1 - index);
        CopyIn(Start, old.AsSpan(index, head));
        CopyIn(Start + head, old.AsSpan(0, length - head));
        ArrayPool<byte>.Shared.Return(old);
    }

    private void CopyIn(long offset, ReadOnlySpan<byte> data)
    {
        var index = (int)(offset & _mask);
        var head = Math.Min(data.Length, _mask + 1 - index);
        data[..head].CopyTo(_ring.AsSpan(index));
        data[head..].CopyTo(_ring);
    }

    private void Release()
    {
        if (_ring is null)
            return;
        ArrayPool<byte>.Shared.Return(_ring);
        _ring = null;
        _mask = 0;
    }
}
