using MqttScion.Mqtt;

namespace MqttScion;

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

    /// <summary>Drops a publish that nobody waits for any more, wherever it is.</summary>
    public void Forget(PendingPublish pending)
    {
        lock (_gate)
        {
            _waiting.Remove(pending, out _, out _);
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
