using System.Buffers;
using System.Diagnostics;
using System.Numerics;

namespace MqttScion.Quic;

/// <summary>
/// Bytes by their stream offset in a pooled ring of a power of two that grows on demand. Which offsets are in it, its
/// owner knows and bounds.
/// </summary>
internal sealed class ByteRing
{
    private const int MinBytes = 4096;

    private byte[]? _ring;
    private int _mask;

    /// <summary>Makes room for a number of bytes from <paramref name="start"/> on; keeps those up to an end.</summary>
    public void Reserve(long start, long end, int neededBytes)
    {
        if (_ring is not null && neededBytes <= _mask + 1)
            return;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(neededBytes, MinBytes));
        var old = _ring;
        var oldMask = _mask;
        _ring = ArrayPool<byte>.Shared.Rent(size);
        _mask = size - 1;
        if (old is null)
            return;
        var length = (int)(end - start);
        var index = (int)(start & oldMask);
        var head = Math.Min(length, oldMask + 1 - index);
        Write(start, old.AsSpan(index, head));
        Write(start + head, old.AsSpan(0, length - head));
        ArrayPool<byte>.Shared.Return(old);
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        var index = (int)(offset & _mask);
        var head = Math.Min(data.Length, _mask + 1 - index);
        data[..head].CopyTo(_ring.AsSpan(index));
        data[head..].CopyTo(_ring);
    }

    public void Read(long offset, Span<byte> destination)
    {
        Debug.Assert(_ring is not null && destination.Length <= _mask + 1, "bytes are buffered");
        var index = (int)(offset & _mask);
        var head = Math.Min(destination.Length, _mask + 1 - index);
        _ring.AsSpan(index, head).CopyTo(destination);
        _ring.AsSpan(0, destination.Length - head).CopyTo(destination[head..]);
    }

    /// <summary>The bytes from an offset on, as far as they lie in one piece.</summary>
    public ReadOnlySpan<byte> Peek(long offset, int length)
    {
        var index = (int)(offset & _mask);
        return _ring.AsSpan(index, Math.Min(length, _mask + 1 - index));
    }

    /// <summary>Gives the memory back; the ring can be used again.</summary>
    public void Release()
    {
        if (_ring is null)
            return;
        ArrayPool<byte>.Shared.Return(_ring);
        _ring = null;
        _mask = 0;
    }
}
