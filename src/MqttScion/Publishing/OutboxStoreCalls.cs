using Microsoft.Extensions.Logging;

namespace MqttScion;

/// <summary>
/// Calls a store on the thread pool, one call after the other, in the order in which the changes were made: a store is
/// the user's, and may take its time where it is called.
/// </summary>
/// <remarks>
/// Every member returns at once and is callable under a lock and on a loop. What waits is bounded by the outbox: a
/// publish has at most a call of each kind, and makes room only when it is over.
/// </remarks>
internal sealed class OutboxStoreCalls(IOutboxStore store, ILogger log) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly Queue<(Func<IOutboxStore, Task> Call, TaskCompletionSource<Task> Made)> _waiting = new();
    private bool _isScheduled;

    /// <summary>See <see cref="IOutboxStore.AppendAsync"/>.</summary>
    public Task AppendAsync(StoredPublish publish) => CallAsync(store => store.AppendAsync(publish));

    /// <summary>See <see cref="IOutboxStore.MarkSentAsync"/>.</summary>
    public Task MarkSentAsync(long sequence) => CallAsync(store => store.MarkSentAsync(sequence));

    /// <summary>See <see cref="IOutboxStore.ReleaseAsync"/>.</summary>
    public Task ReleaseAsync(long sequence) => CallAsync(store => store.ReleaseAsync(sequence));

    /// <summary>See <see cref="IOutboxStore.FlushAsync"/>.</summary>
    public Task FlushAsync() => CallAsync(static store => store.FlushAsync());

    /// <summary>Disposes of the store, behind all that was asked for.</summary>
    public Task DisposeAsync() => CallAsync(static store => store.DisposeAsync().AsTask());

    /// <summary>See <see cref="IOutboxStore.Remove"/>. A failure is logged: the publish may come back.</summary>
    public void Remove(long sequence) => _ = CallAsync(store =>
    {
        try
        {
            store.Remove(sequence);
        }
        catch (Exception e)
        {
            ClientLog.OutboxStoreFailed(log, e); // A store may fail in any way.
        }
        return Task.CompletedTask;
    });

    void IThreadPoolWorkItem.Execute()
    {
        while (TryTake(out var next))
        {
            try
            {
                next.Made.SetResult(next.Call(store));
            }
            catch (Exception e)
            {
                next.Made.SetException(e); // A store may fail in any way; whoever asked is told.
            }
        }
    }

    private Task CallAsync(Func<IOutboxStore, Task> call)
    {
        var made = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waiting.Enqueue((call, made));
            if (!_isScheduled)
            {
                _isScheduled = true;
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }
        return made.Task.Unwrap();
    }

    private bool TryTake(out (Func<IOutboxStore, Task> Call, TaskCompletionSource<Task> Made) next)
    {
        lock (_gate)
        {
            _isScheduled = _waiting.TryDequeue(out next);
            return _isScheduled;
        }
    }
}
