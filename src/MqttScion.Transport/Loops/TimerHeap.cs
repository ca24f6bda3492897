namespace MqttScion.Transport;

/// <summary>
/// The connections of a loop by the time at which each next needs it: a binary heap in which a connection stands at
/// most once and knows its place, so that nothing outdated piles up in it. Lives on the loop.
/// </summary>
internal sealed class TimerHeap
{
    private readonly List<Entry> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The earliest time; <see cref="TimeSpan.MaxValue"/> when there is none.</summary>
    public TimeSpan Next => _entries.Count == 0 ? TimeSpan.MaxValue : _entries[0].Due;

    /// <summary>Puts a connection in, or moves it ahead; one that stands for an earlier time stays.</summary>
    public void Add(LoopConnection connection, TimeSpan due)
    {
        var index = connection.TimerIndex;
        if (index < 0)
        {
            index = _entries.Count;
            _entries.Add(default);
        }
        else if (_entries[index].Due <= due)
        {
            return;
        }
        MoveUp(index, new Entry(connection, due));
    }

    /// <summary>Takes the connection with the earliest time out, when it is due.</summary>
    public LoopConnection? TakeDue(TimeSpan now)
    {
        if (Next > now)
        {
            return null;
        }
        var connection = _entries[0].Connection;
        Remove(connection);
        return connection;
    }

    /// <summary>Takes a connection out; one that is not in is no error.</summary>
    public void Remove(LoopConnection connection)
    {
        var index = connection.TimerIndex;
        if (index < 0)
        {
            return;
        }
        connection.TimerIndex = -1;
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
        entry.Connection.TimerIndex = index;
    }

    private readonly record struct Entry(LoopConnection Connection, TimeSpan Due);
}
