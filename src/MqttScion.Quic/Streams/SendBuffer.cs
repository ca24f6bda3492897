using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>
/// Outgoing bytes of a stream from the first that is not acknowledged, with what is to be sent, again or for the
/// first time.
/// </summary>
/// <remarks>The ring is rented while there is something in it.</remarks>
internal sealed class SendBuffer(int maxBytes) : IDisposable
{
    private readonly RangeSet _acknowledged = new();
    private readonly RangeSet _lost = new();
    private readonly ByteRing _ring = new();
    private bool _isFinalPending;
    private bool _isFinalAcknowledged;
    private bool _isAbandoned;

    /// <summary>The first offset that is not acknowledged.</summary>
    public long Start { get; private set; }

    /// <summary>The offset after the last byte that was written.</summary>
    public long End { get; private set; }

    /// <summary>The first offset that was never sent.</summary>
    public long Next { get; private set; }

    public bool IsFinished { get; private set; }

    public int RoomBytes => IsFinished ? 0 : maxBytes - (int)(End - Start);

    /// <summary>True when there is something lost to send again, or the end of the stream.</summary>
    public bool HasRepeat => !_lost.IsEmpty || (_isFinalPending && Next == End);

    /// <summary>Where the bytes start that <see cref="TryTake"/> gives next.</summary>
    public long NextTaken => _lost.IsEmpty ? Next : _lost[0].Start;

    public bool HasUnsent => Next < End;

    public bool IsEverythingAcknowledged => Start == End && (!IsFinished || _isFinalAcknowledged);

    /// <summary>Takes as many bytes as there is room for.</summary>
    public int Write(ReadOnlySpan<byte> data)
    {
        var length = Math.Min(data.Length, RoomBytes);
        if (length <= 0)
            return 0;
        _ring.Reserve(Start, End, (int)(End - Start) + length);
        _ring.Write(End, data[..length]);
        End += length;
        return length;
    }

    public void Finish()
    {
        if (IsFinished)
            return;
        IsFinished = true;
        _isFinalPending = true;
    }

    /// <summary>
    /// Chooses what to send next, at most <paramref name="maxLength"/> bytes and nothing new beyond
    /// <paramref name="limit"/>. False when there is nothing.
    /// </summary>
    public bool TryTake(int maxLength, long limit, out long offset, out int length, out bool isFinal)
    {
        isFinal = false;
        length = 0;
        if (!_lost.IsEmpty)
        {
            var (start, end) = _lost[0];
            offset = start;
            length = (int)Math.Min(maxLength, end - start);
            if (length == 0)
                return false;
            _lost.Remove(start, start + length);
            isFinal = TakeFinal(start + length);
            return true;
        }

        offset = Next;
        length = (int)Math.Clamp(Math.Min(limit, End) - Next, 0, maxLength);
        Next += length;
        isFinal = TakeFinal(Next);
        return length > 0 || isFinal;
    }

    /// <summary>Copies bytes that are not acknowledged.</summary>
    public void CopyTo(long offset, Span<byte> destination)
    {
        if (destination.IsEmpty)
            return;
        Debug.Assert(offset >= Start && offset + destination.Length <= End, "bytes are buffered");
        _ring.Read(offset, destination);
    }

    public void OnAcknowledged(long offset, int length, bool isFinal)
    {
        if (isFinal)
        {
            _isFinalAcknowledged = true;
            _isFinalPending = false;
        }

        var start = Math.Max(offset, Start);
        var end = offset + length;
        if (start >= end)
            return;
        _lost.Remove(start, end);
        _acknowledged.Add(start, end);
        if (_acknowledged[0].Start != Start)
            return;
        Start = _acknowledged[0].End;
        _acknowledged.RemoveFirst();
        if (Start == End)
            _ring.Release();
    }

    public void OnLost(long offset, int length, bool isFinal)
    {
        if (isFinal && !_isFinalAcknowledged)
            _isFinalPending = true;
        var start = Math.Max(offset, Start);
        var end = offset + length;
        while (start < end)
        {
            var gap = _acknowledged.FirstGap(start, end);
            if (gap.Start >= end)
                return;
            _lost.Add(gap.Start, gap.End);
            start = gap.End;
        }
    }

    /// <summary>Drops everything; nothing is sent any more.</summary>
    public void Abandon()
    {
        _lost.Clear();
        _acknowledged.Clear();
        _isFinalPending = false;
        IsFinished = true;
        _isAbandoned = true;
        Start = End = Next;
        _ring.Release();
    }

    /// <summary>Starts over: nothing was acknowledged, so everything is still there but what was abandoned.</summary>
    public void Rewind()
    {
        Debug.Assert(Start == 0 || _isAbandoned, "what was acknowledged is gone");
        _lost.Clear();
        _acknowledged.Clear();
        Next = 0;
        if (_isAbandoned)
            Start = End = 0;
        _isFinalPending = IsFinished && !_isAbandoned;
    }

    public void Dispose()
    {
        _lost.Release();
        _acknowledged.Release();
        _ring.Release();
    }

    private bool TakeFinal(long reached)
    {
        if (!_isFinalPending || reached != End || !_lost.IsEmpty)
            return false;
        _isFinalPending = false;
        return true;
    }
}
