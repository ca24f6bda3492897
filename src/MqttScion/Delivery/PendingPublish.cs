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
