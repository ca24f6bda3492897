using Microsoft.Extensions.Logging;

namespace MqttScion;

/// <summary>
/// Calls the user's store: on the thread pool, one call at a time, in the order in which the changes were asked for. A
/// call that blocks there holds up those behind it and nothing else.
/// </summary>
/// <remarks>Callable from any thread and under a lock. What waits is bounded by the outbox: a publish keeps its room
/// there until its append was made, and each has one removal.</remarks>
internal sealed class StorePump
{
    private readonly IOutboxStore _store;
    private readonly ILogger _log;
    private readonly SerialPump<Call> _pump;

    public StorePump(IOutboxStore store, ILogger log)
    {
        (_store, _log) = (store, log);
        _pump = new SerialPump<Call>(Make);
    }

    private enum Verb
    {
        Append,
        MarkSent,
        Release,
        Remove,
        Flush,
        Close,
    }

    /// <summary>Ends when the store has a publish, or with what it failed with.</summary>
    public Task AppendAsync(StoredPublish publish) => Post(Verb.Append, publish.Sequence, publish);

    /// <summary>Ends when the store knows that a publish is about to be sent, or with what it failed with.</summary>
    public Task MarkSentAsync(long sequence) => Post(Verb.MarkSent, sequence);

    /// <summary>Ends when the store knows that the server has a publish, or with what it failed with.</summary>
    public Task ReleaseAsync(long sequence) => Post(Verb.Release, sequence);

    /// <summary>Takes a publish out. Nobody waits for it; a failure is logged.</summary>
    public void Remove(long sequence) => _pump.Post(new Call(Verb.Remove, sequence, null, null));

    /// <summary>Ends when all that was asked for before is durable, or with what the store failed with.</summary>
    public Task FlushAsync() => Post(Verb.Flush);

    /// <summary>Closes the store behind all that was asked for before. Nothing may be asked for after it.</summary>
    /// <returns>Ends when the store is closed, or with what it failed with.</returns>
    public Task CloseAsync() => Post(Verb.Close);

    private Task Post(Verb verb, long sequence = 0, StoredPublish? publish = null)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pump.Post(new Call(verb, sequence, publish, end));
        return end.Task;
    }

    private void Make(Call call)
    {
        try
        {
            if (call.Verb == Verb.Remove)
            {
                _store.Remove(call.Sequence);
                return;
            }
            // Not awaited: the changes that come while a disk writes one are what it writes next, all at once.
            Ask(call).ContinueWith(
                static (asked, end) => ((TaskCompletionSource)end!).SetFromTask(asked),
                call.End,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
        catch (Exception e)
        {
            // A store may fail in any way: whoever waits is told, else the log.
            if (call.End is { } end)
            {
                end.SetException(e);
            }
            else
            {
                ClientLog.OutboxStoreFailed(_log, e);
            }
        }
    }

    private Task Ask(in Call call) => call.Verb switch
    {
        Verb.Append => _store.AppendAsync(call.Publish!),
        Verb.MarkSent => _store.MarkSentAsync(call.Sequence),
        Verb.Release => _store.ReleaseAsync(call.Sequence),
        Verb.Flush => _store.FlushAsync(),
        _ => _store.DisposeAsync().AsTask(),
    };

    private readonly record struct Call(Verb Verb, long Sequence, StoredPublish? Publish, TaskCompletionSource? End);
}
