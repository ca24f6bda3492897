using MqttScion.Mqtt;

namespace MqttScion;

public sealed partial class ScionMqttClient
{
    private async ValueTask<MqttClientPublishResult> PublishTracedAsync(
        MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var tracing = _settings.Telemetry.Tracing;
        using var span = tracing.StartPublish(message);
        try
        {
            var result = await PublishUntracedAsync(tracing.Inject(message, _loop.LastResult), cancellationToken)
                .ConfigureAwait(false);
            MqttTracing.Finish(span, result);
            return result;
        }
        catch (Exception e)
        {
            MqttTracing.Fail(span, e);
            throw;
        }
    }

    // The span ends with the acceptance: nobody awaits the answer.
    private async ValueTask EnqueueTracedAsync(MqttApplicationMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var tracing = _settings.Telemetry.Tracing;
        using var span = tracing.StartPublish(message);
        try
        {
            await EnqueueUntracedAsync(tracing.Inject(message, _loop.LastResult), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e)
        {
            MqttTracing.Fail(span, e);
            throw;
        }
    }
}
