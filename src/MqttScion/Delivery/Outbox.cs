using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A publish that has not been answered.</summary>
internal sealed class PendingPublish(long sequence, MqttApplicationMessage message)
{
    private readonly TaskCompletionSource<MqttClientPublishResult> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its place in the order in which the client published.</summary>
    public long Sequence => sequence;

    public MqttApplicationMessage Message => message;

    public Task<MqttClientPublishResult> Task => _completion.Task;

    /// <summary>True once nobody waits for it any more.</summary>
    public bool IsCompleted => _completion.Task.IsCompleted;

    public void Complete(MqttClientPublishResult result) => _completion.TrySetResult(result);

    public void Fail(Exception error) => _completion.TrySetException(error);

    public void Cancel(CancellationToken token) => _completion.TrySetCanceled(token);
}

/// <summary>
/// The publishes that wait for a connection, in the order in which they were made. Those that a lost connection leaves
/// unanswered come back to their place.
/// </summary>
internal sealed class Outbox
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<PendingPublish, long> _waiting = new();
    private long _lastSequence;

    /// <summary>Adds a publish.</summary>
    public PendingPublish Add(MqttApplicationMessage message)
    {
        lock (_gate)
        {
            var pending = new PendingPublish(++_lastSequence, message);
            _waiting.Enqueue(pending, pending.Sequence);
            return pending;
        }
    }

    /// <summary>Puts a publish back that was taken and not answered.</summary>
    public void Return(PendingPublish pending)
    {
        lock (_gate)
        {
            _waiting.Enqueue(pending, pending.Sequence);
        }
    }

    /// <summary>Takes the next publish that somebody still waits for.</summary>
    public PendingPublish? Take()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var pending, out _))
            {
                if (!pending.IsCompleted)
                {
                    return pending;
                }
            }
            return null;
        }
    }

    /// <summary>Fails all that wait.</summary>
    public void Fail(Exception error)
    {
        while (Take() is { } pending)
        {
            pending.Fail(error);
        }
    }
}
