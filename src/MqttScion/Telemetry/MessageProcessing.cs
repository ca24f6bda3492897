using System.Diagnostics;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// One message in the hands of one observer, handler or reader: its span, which is <see cref="Activity.Current"/> until
/// <see cref="End"/>, and its measurements. Costs nothing when nobody listens.
/// </summary>
internal readonly struct MessageProcessing
{
    private readonly ClientTelemetry _telemetry;
    private readonly MqttApplicationMessage _message;
    private readonly Activity? _span;
    private readonly long _startedAt;
    private readonly bool _isTimed;

    /// <param name="telemetry">The client's.</param>
    /// <param name="message">The message that is about to be handed over.</param>
    /// <param name="filter">The subscription's topic filter.</param>
    public MessageProcessing(ClientTelemetry telemetry, MqttApplicationMessage message, string filter)
    {
        _telemetry = telemetry;
        _message = message;
        _isTimed = telemetry.Metrics.TimesProcessing;
        _startedAt = _isTimed ? Stopwatch.GetTimestamp() : 0;
        try
        {
            _span = telemetry.Tracing.StartProcess(message, filter);
        }
        catch (Exception e)
        {
            telemetry.Metrics.OnListenerFailed(e);
        }
    }

    /// <summary>It was handed over, or the observer threw.</summary>
    public void End(Exception? error = null)
    {
        _telemetry.Metrics.OnProcessed(
            _message, error, _isTimed ? Stopwatch.GetElapsedTime(_startedAt) : null);
        if (_span is not null)
        {
            if (error is not null)
            {
                MqttTracing.Fail(_span, error);
            }
            Stop(_span);
        }
    }

    private void Stop(Activity span)
    {
        try
        {
            span.Dispose();
        }
        catch (Exception e)
        {
            _telemetry.Metrics.OnListenerFailed(e);
        }
    }
}
