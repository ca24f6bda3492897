using System.Diagnostics;

namespace MqttScion.Quic;

/// <summary>A sorted set of disjoint, non-adjacent half-open ranges of offsets or packet numbers.</summary>
internal sealed class RangeSet
{
    private readonly List<(long Start, long End)> _ranges = [];

    public int Count => _ranges.Count;

    public bool IsEmpty => _ranges.Count == 0;

    public (long Start, long End) this[int index] => _ranges[index];

    public void Clear() => _ranges.Clear();

    /// <summary>Forgets all ranges, and gives their memory back.</summary>
    public void Release()
    {
        _ranges.Clear();
        _ranges.Capacity = 0;
    }

    /// <summary>Adds a range and returns how many of its members were new.</summary>
    public long Add(long start, long end)
    {
        Debug.Assert(start <= end, "a range does not run backwards");
        if (start == end)
            return 0;
        if (_ranges.Count > 0 && _ranges[^1].End == start)
        {
            // What comes in order.
            _ranges[^1] = (_ranges[^1].Start, end);
            return end - start;
        }

        var first = FirstEndingAtOrAfter(start);
        var index = first;
        var covered = 0L;
        var (newStart, newEnd) = (start, end);
        while (index < _ranges.Count && _ranges[index].Start <= end)
        {
            var range = _ranges[index++];
            covered += Math.Max(0, Math.Min(end, range.End) - Math.Max(start, range.Start));
            newStart = Math.Min(newStart, range.Start);
            newEnd = Math.Max(newEnd, range.End);
        }

        if (index == first)
        {
            _ranges.Insert(first, (start, end));
        }
        else
        {
            _ranges[first] = (newStart, newEnd);
            _ranges.RemoveRange(first + 1, index - first - 1);
        }

        return end - start - covered;
    }

    /// <summary>Removes a range; parts that are not in the set are no error.</summary>
    public void Remove(long start, long end)
    {
        if (start >= end)
            return;
        var index = FirstEndingAtOrAfter(start + 1);
        while (index < _ranges.Count && _ranges[index].Start < end)
        {
            var range = _ranges[index];
            _ranges.RemoveAt(index);
            if (range.Start < start)
                _ranges.Insert(index++, (range.Start, start));
            if (range.End > end)
                _ranges.Insert(index++, (end, range.End));
        }
    }

    public void RemoveFirst() => _ranges.RemoveAt(0);

    /// <summary>True when every member of the range is in the set.</summary>
    public bool Contains(long start, long end)
    {
        if (start == end)
            return true;
        var index = FirstEndingAtOrAfter(start + 1);
        return index < _ranges.Count && _ranges[index].Start <= start && _ranges[index].End >= end;
    }

    /// <summary>Gives the first gap at or after <paramref name="start"/>, up to <paramref name="limit"/>.</summary>
    public (long Start, long End) FirstGap(long start, long limit)
    {
        var index = FirstEndingAtOrAfter(start + 1);
        while (index < _ranges.Count && _ranges[index].Start <= start)
            start = _ranges[index++].End;
        var end = index < _ranges.Count ? Math.Min(_ranges[index].Start, limit) : limit;
        return (Math.Min(start, limit), end);
    }

    private int FirstEndingAtOrAfter(long value)
    {
        // New ranges are nearly always at the end.
        if (_ranges.Count == 0 || _ranges[^1].End < value)
            return _ranges.Count;
        var (low, high) = (0, _ranges.Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].End >= value)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
