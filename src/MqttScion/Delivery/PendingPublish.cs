using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A publish that has not been answered. The outbox guards its state.</summary>
internal sealed class PendingPublish(long sequence, MqttApplicationMessage message, long acceptedAt, TimeSpan ageBefore)
{
    private readonly TaskCompletionSource<MqttClientPublishResult> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its place in the order in which the client published.</summary>
    public long Sequence => sequence;

    public MqttApplicationMessage Message => message;

    public Task<MqttClientPublishResult> Task => _completion.Task;

    /// <summary>The timestamp of its acceptance in this process.</summary>
    public long AcceptedAt => acceptedAt;

    /// <summary>How old it was then: one that a store has kept.</summary>
    public TimeSpan AgeBefore => ageBefore;

    /// <summary>The packet identifier that the outbox chose, or 0: of QoS 2 messages in a store.</summary>
    public ushort PacketId { get; init; }

    /// <summary>True when an earlier process may have sent it.</summary>
    public bool MayHaveBeenSent { get; init; }

    /// <summary>True when it is in the store, and so outlives who waits for it.</summary>
    public bool IsStored { get; init; }

    /// <summary>True when somebody is told of its end by <see cref="Task"/>.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>Completes when the store has it, or has failed to take it: then <see cref="Task"/> tells why.</summary>
    public Task Storing { get; set; } = System.Threading.Tasks.Task.CompletedTask;

    /// <summary>True once it may be sent.</summary>
    public bool IsReady { get; set; } = true;

    /// <summary>True once it takes no room in the outbox any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>True once nobody waits for it any more.</summary>
    public bool IsCompleted => _completion.Task.IsCompleted;

    public void Complete(MqttClientPublishResult result) => _completion.TrySetResult(result);

    public void Fail(Exception error)
    {
        _completion.TrySetException(error);
        _ = _completion.Task.Exception; // Seen: nobody need be waiting for it.
    }

    public void Cancel(CancellationToken token) => _completion.TrySetCanceled(token);
}
