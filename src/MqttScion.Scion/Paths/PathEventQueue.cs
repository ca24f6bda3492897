using System.Diagnostics.CodeAnalysis;
using System.Reactive.Disposables;
using System.Reactive.Subjects;

namespace MqttScion.Scion;

/// <summary>
/// Takes events in one order under the store's lock, and hands them to the observers in that order outside of it.
/// </summary>
/// <remarks>
/// One thread at a time delivers; others that have something to deliver leave it to that one, as does an observer that
/// calls the store. When a slow observer lets too many pile up, they give way to the current set.
/// </remarks>
internal sealed class PathEventQueue(Lock gate, Subject<PathEvent> events, Action<List<PathEvent>> replay)
{
    /// <summary>How many undelivered events are kept.</summary>
    public const int MaxPending = 16_384;

    private static readonly object Completed = new();

    private Queue<object> _pending = new(); // PathEvent, Joining, or Completed
    private Queue<object> _batch = new();
    private bool _isDelivering;
    private bool _isCompleted;

    /// <summary>How many events were replaced by the current set so far.</summary>
    public long SkippedCount { get; private set; }

    /// <summary>Queues an event; the caller holds the lock.</summary>
    public void Add(PathEvent item)
    {
        if (_isCompleted)
        {
            return; // Nobody would see it, and the end itself must not give way to events.
        }
        if (_pending.Count >= MaxPending)
        {
            Collapse();
        }
        _pending.Enqueue(item);
    }

    /// <summary>Queues an observer, which first gets the current set; the caller holds the lock.</summary>
    public IDisposable Join(IObserver<PathEvent> observer)
    {
        var joining = new Joining(observer, CurrentSet(), new SingleAssignmentDisposable());
        _pending.Enqueue(joining);
        return joining.Subscription;
    }

    /// <summary>Queues the end; the caller holds the lock.</summary>
    public void Complete()
    {
        if (!_isCompleted)
        {
            _isCompleted = true;
            _pending.Enqueue(Completed);
        }
    }

    /// <summary>Delivers what is queued, unless another call does; the caller does not hold the lock.</summary>
    public void Deliver()
    {
        lock (gate)
        {
            if (_isDelivering)
            {
                return;
            }
            _isDelivering = true;
        }
        try
        {
            while (TryTake(out var item))
            {
                Deliver(item);
            }
        }
        catch
        {
            // An observer threw: that goes to the caller, as ever; the rest waits for the next call.
            lock (gate)
            {
                _isDelivering = false;
            }
            throw;
        }
    }

    private bool TryTake([NotNullWhen(true)] out object? item)
    {
        if (_batch.TryDequeue(out item))
        {
            return true;
        }
        lock (gate)
        {
            (_pending, _batch) = (_batch, _pending);
            _isDelivering = _batch.TryDequeue(out item);
            return _isDelivering;
        }
    }

    private void Deliver(object item)
    {
        switch (item)
        {
            case PathEvent pathEvent:
                events.OnNext(pathEvent);
                break;
            case Joining { Subscription.IsDisposed: false } joining:
                foreach (var current in joining.CurrentSet)
                {
                    joining.Observer.OnNext(current);
                }
                joining.Subscription.Disposable = events.Subscribe(joining.Observer);
                break;
            case not Joining:
                events.OnCompleted();
                break;
        }
    }

    private void Collapse()
    {
        var joining = _pending.Where(item => item is Joining).ToList();
        SkippedCount += _pending.Count - joining.Count;
        _pending = new Queue<object>([.. joining, .. CurrentSet()]);
    }

    private List<PathEvent> CurrentSet()
    {
        List<PathEvent> current = [];
        replay(current);
        return current;
    }

    private sealed record Joining(
        IObserver<PathEvent> Observer, List<PathEvent> CurrentSet, SingleAssignmentDisposable Subscription);
}
