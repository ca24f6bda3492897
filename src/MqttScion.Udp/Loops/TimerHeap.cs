namespace MqttScion.Udp;

/// <summary>
/// What a loop drives, by the time at which each next needs it: a binary heap in which an item stands at most once and
/// knows its place, so that nothing outdated piles up in it. For one thread.
/// </summary>
/// <typeparam name="T">What has a time.</typeparam>
public sealed class TimerHeap<T>
    where T : class, ITimerHeapItem
{
    private readonly List<Entry> _entries = [];

    /// <summary>How many items stand in it.</summary>
    public int Count => _entries.Count;

    /// <summary>The earliest time; null when there is none.</summary>
    public TimeSpan? Next => _entries.Count == 0 ? null : _entries[0].Due;

    /// <summary>Puts an item in, or moves it ahead; one that stands for an earlier time stays.</summary>
    public void Add(T item, TimeSpan due)
    {
        var index = item.TimerIndex;
        if (index < 0)
        {
            index = _entries.Count;
            _entries.Add(default);
        }
        else if (_entries[index].Due <= due)
        {
            return;
        }
        MoveUp(index, new Entry(item, due));
    }

    /// <summary>Takes the item with the earliest time out, when it is due.</summary>
    public T? TakeDue(TimeSpan now)
    {
        if (_entries.Count == 0 || _entries[0].Due > now)
        {
            return null;
        }
        var item = _entries[0].Item;
        Remove(item);
        return item;
    }

    /// <summary>Takes an item out; one that is not in is no error.</summary>
    public void Remove(T item)
    {
        var index = item.TimerIndex;
        if (index < 0)
        {
            return;
        }
        item.TimerIndex = -1;
        var last = _entries[^1];
        _entries.RemoveAt(_entries.Count - 1);
        if (index == _entries.Count)
        {
            return;
        }
        // The last one takes the place; it may belong further up or further down.
        if (index > 0 && last.Due < _entries[(index - 1) / 2].Due)
        {
            MoveUp(index, last);
        }
        else
        {
            MoveDown(index, last);
        }
    }

    private void MoveUp(int index, in Entry entry)
    {
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_entries[parent].Due <= entry.Due)
            {
                break;
            }
            Place(index, _entries[parent]);
            index = parent;
        }
        Place(index, entry);
    }

    private void MoveDown(int index, in Entry entry)
    {
        while (2 * index + 1 < _entries.Count)
        {
            var child = 2 * index + 1;
            if (child + 1 < _entries.Count && _entries[child + 1].Due < _entries[child].Due)
            {
                child++;
            }
            if (entry.Due <= _entries[child].Due)
            {
                break;
            }
            Place(index, _entries[child]);
            index = child;
        }
        Place(index, entry);
    }

    private void Place(int index, in Entry entry)
    {
        _entries[index] = entry;
        entry.Item.TimerIndex = index;
    }

    private readonly record struct Entry(T Item, TimeSpan Due);
}
