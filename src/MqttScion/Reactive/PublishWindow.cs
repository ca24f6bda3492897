using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Holds a source back while its publishes are pending or their results wait to be taken.</summary>
internal sealed class PublishWindow(IScionMqttClient client, int maxInFlight) : IDisposable
{
    private readonly SemaphoreSlim _free = new(maxInFlight);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Waits for room, then publishes.</summary>
    public Task<MqttClientPublishResult> PublishAsync(MqttApplicationMessage message)
    {
        var token = _stopping.Token;
        try
        {
            _free.Wait(token);
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
            return Task.FromCanceled<MqttClientPublishResult>(token);
        }
        var publish = client.PublishAsync(message, token).AsTask();
        // The stream ends with the first that fails: what those behind it fail with is nobody's any more.
        _ = publish.ContinueWith(
            static failed => _ = failed.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return publish;
    }

    /// <summary>A result was handed over.</summary>
    public void Release() => _free.Release();

    /// <summary>Cancels what is pending, and ends the waiting.</summary>
    public void Dispose() => _stopping.Cancel();
}
