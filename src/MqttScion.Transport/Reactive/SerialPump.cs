namespace MqttScion.Transport;

/// <summary>
/// Handles items one at a time, in order, on the thread pool: what stands between a connection's loop and user code. A
/// post costs a lock and, when the pump is idle, one work item.
/// </summary>
/// <remarks>The queue itself has no bound; whoever posts bounds what is in it.</remarks>
public sealed class SerialPump<T>(Action<T> handle) : IThreadPoolWorkItem
{
    private readonly Queue<T> _items = new();
    private bool _isScheduled;

    /// <summary>How many items wait.</summary>
    public int Count
    {
        get
        {
            lock (_items)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Queues an item; callable from any thread.</summary>
    public void Post(T item)
    {
        lock (_items)
        {
            _items.Enqueue(item);
            if (_isScheduled)
            {
                return;
            }
            _isScheduled = true;
        }
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TryTake(out var item))
        {
            handle(item);
        }
    }

    private bool TryTake(out T item)
    {
        lock (_items)
        {
            if (_items.TryDequeue(out item!))
            {
                return true;
            }
            _isScheduled = false;
            return false;
        }
    }
}
