using System.Reactive.Disposables;

namespace MqttScion;

/// <summary>The newest item of each key, in the order in which the keys came, given to one observer.</summary>
internal sealed class Conflation<T, TKey>(IObserver<T> observer, Func<T, TKey> key, int maxWaiting)
    : IThreadPoolWorkItem
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Queue<TKey> _order = new();
    private readonly Dictionary<TKey, T> _newest = [];
    private Action? _end;
    private bool _isScheduled;
    private bool _isOver;

    /// <summary>Subscribes to the source; dispose ends it, and no item is given any more.</summary>
    public IDisposable Run(IObservable<T> source)
    {
        var subscription = source.Subscribe(
            Add,
            error => End(() => observer.OnError(error)),
            () => End(observer.OnCompleted));
        return Disposable.Create(() =>
        {
            subscription.Dispose();
            lock (_gate)
            {
                _isOver = true;
                _order.Clear();
                _newest.Clear();
            }
        });
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TryTake(out var item, out var end))
        {
            if (end is not null)
            {
                end();
            }
            else
            {
                observer.OnNext(item);
            }
        }
    }

    private void Add(T item)
    {
        var itemKey = key(item);
        lock (_gate)
        {
            if (_isOver || _end is not null)
            {
                return;
            }
            if (!_newest.ContainsKey(itemKey))
            {
                if (_order.Count >= maxWaiting)
                {
                    _end = () => observer.OnError(new InvalidOperationException(
                        $"More than {maxWaiting} keys wait for an observer that is too slow."));
                    Schedule();
                    return;
                }
                _order.Enqueue(itemKey);
            }
            _newest[itemKey] = item;
            Schedule();
        }
    }

    private void End(Action end)
    {
        lock (_gate)
        {
            _end ??= end;
            Schedule();
        }
    }

    private void Schedule()
    {
        if (!_isScheduled)
        {
            _isScheduled = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    // What waits goes out before the end.
    private bool TryTake(out T item, out Action? end)
    {
        lock (_gate)
        {
            (item, end) = (default!, null);
            if (_order.TryDequeue(out var next))
            {
                _newest.Remove(next, out item!);
                return true;
            }
            if (_end is not null && !_isOver)
            {
                _isOver = true;
                end = _end;
                return true;
            }
            _isScheduled = false;
            return false;
        }
    }
}
