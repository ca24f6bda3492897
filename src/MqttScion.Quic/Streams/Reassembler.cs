namespace MqttScion.Quic;

/// <summary>Incoming bytes of a stream in a ring, in any order, until they are read in order.</summary>
/// <remarks>The caller has checked the offset against its window, which bounds the ring.</remarks>
internal sealed class Reassembler : IDisposable
{
    private const int MaxRanges = 4096;

    private readonly RangeSet _received = new();
    private readonly ByteRing _ring = new();

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
        _ring.Reserve(Start, End, (int)(Math.Max(End, end) - Start));
        _ring.Write(offset, data);
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
        _ring.Read(Start, destination[..length]);
        Consume(length);
        return length;
    }

    /// <summary>What is there in order, as far as it lies in one piece; good until the next call.</summary>
    public ReadOnlySpan<byte> Peek() => ReadableBytes is > 0 and var length ? _ring.Peek(Start, length) : default;

    /// <summary>Takes what was peeked at.</summary>
    public void Advance(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ReadableBytes);
        if (length > 0)
            Consume(length);
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
        _received.Release();
        _ring.Release();
    }

    private void Consume(int length)
    {
        Start += length;
        _received.Remove(0, Start);
        if (_received.IsEmpty)
            _ring.Release();
    }
}
