using System.Diagnostics;
using System.Reactive.Disposables;
using System.Runtime.ExceptionServices;

namespace MqttScion;

/// <summary>The newest item of each key, in the order in which the keys came, given to one observer.</summary>
internal sealed class Conflation<T, TKey>(
    IObserver<T> observer, Func<T, TKey> key, int maxWaiting, IObserverFailures? failures)
    : IThreadPoolWorkItem, IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Queue<TKey> _order = new();
    private readonly Dictionary<TKey, T> _newest = [];
    private readonly SingleAssignmentDisposable _subscription = new();
    private Action? _end;
    private Exception? _failure;
    private bool _isScheduled;
    private bool _isOver;

    /// <summary>Subscribes to the source; dispose ends it, and no item is given any more.</summary>
    public IDisposable Run(IObservable<T> source)
    {
        _subscription.Disposable = source.Subscribe(
            Add,
            error => End(() => observer.OnError(error)),
            () => End(observer.OnCompleted));
        return this;
    }

    public void Dispose()
    {
        _subscription.Dispose();
        Stop(failure: null);
    }

    void IThreadPoolWorkItem.Execute()
    {
        while (TryTake(out var item, out var end))
        {
            try
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
            catch (Exception e)
            {
                // User code, or Rx for an observer without OnError: thrown on a pool thread it would end the process.
                Fail(end is null ? item : null, e, isEnd: end is not null);
                return;
            }
        }
    }

    private void Add(T item)
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure); // To the source, which deals with observers that throw.
        }
        if (!TryKeep(key(item), item))
        {
            _subscription.Dispose(); // Nothing that comes now is for anybody: the source is let go, not read on.
            End(() => observer.OnError(new InvalidOperationException(
                $"More than {maxWaiting} keys wait for an observer that is too slow.")));
        }
    }

    // False for one key too many.
    private bool TryKeep(TKey itemKey, T item)
    {
        lock (_gate)
        {
            if (_isOver || _end is not null)
            {
                return true;
            }
            if (!_newest.ContainsKey(itemKey))
            {
                if (_order.Count >= maxWaiting)
                {
                    return false;
                }
                _order.Enqueue(itemKey);
            }
            _newest[itemKey] = item;
            Schedule();
            return true;
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

    private void Fail(object? item, Exception error, bool isEnd)
    {
        Stop(failures is null ? error : null);
        if (failures is not null)
        {
            failures.Report(item, error);
            _subscription.Dispose();
        }
        else if (isEnd)
        {
            Trace.TraceError($"An observer of conflated items failed at their end: {error}");
        }
        if (isEnd)
        {
            return;
        }
        try
        {
            observer.OnError(error);
        }
        catch (Exception e) when (e == error)
        {
            // Rx, for an observer without OnError: it is reported, or thrown at the source's next item.
        }
        catch (Exception e)
        {
            failures?.Report(item: null, e);
            Trace.TraceError($"An observer of conflated items failed on its own error: {e}");
        }
    }

    private void Stop(Exception? failure)
    {
        lock (_gate)
        {
            _isOver = true;
            _order.Clear();
            _newest.Clear();
            Volatile.Write(ref _failure, failure);
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
