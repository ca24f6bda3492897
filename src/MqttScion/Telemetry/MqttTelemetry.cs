using System.Diagnostics;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>What an application needs to collect the client's metrics and traces.</summary>
public static class MqttTelemetry
{
    /// <summary>The name of the <c>Meter</c> and of the <c>ActivitySource</c>: for <c>AddMeter</c> and
    /// <c>AddSource</c> of OpenTelemetry.</summary>
    public const string Name = "MqttScion";

    /// <summary>
    /// The W3C trace context that a message's user properties carry: the parent for a span of whoever works on the
    /// message after it was handed over. Callable from any thread.
    /// </summary>
    /// <param name="message">A received message.</param>
    /// <param name="context">The context, marked as remote.</param>
    /// <returns>False when there is none, or what is there is not valid.</returns>
    public static bool TryGetTraceContext(this MqttApplicationMessage message, out ActivityContext context)
    {
        ArgumentNullException.ThrowIfNull(message);
        return TraceContext.TryRead(message.UserProperties, out context);
    }
}
