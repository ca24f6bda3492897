using System.Diagnostics;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The spans of a client, named as OpenTelemetry's conventions for messaging do.</summary>
/// <param name="name">The name of a named client, else empty.</param>
/// <param name="clientId">The MQTT client identifier, or empty.</param>
/// <param name="propagates">True when the context travels with messages.</param>
internal sealed class MqttTracing(string name, string clientId, bool propagates)
{
    private static readonly ActivitySource Source = new(MqttTelemetry.Name, MqttMetrics.Version);

    /// <summary>True when somebody collects spans: nothing else here need be called before.</summary>
    public static bool IsListening => Source.HasListeners();

    /// <summary>Starts the span of a publish; null when it is not sampled.</summary>
    public Activity? StartPublish(MqttApplicationMessage message)
    {
        // No topic in the name: the topics of one device each would make as many names.
        var span = Source.StartActivity("publish", ActivityKind.Producer);
        Describe(span, message, operation: "publish", type: "send");
        return span;
    }

    /// <summary>The message as it is to be sent: with the context of the span, or of the one around it.</summary>
    /// <param name="message">The message of the user.</param>
    /// <param name="server">What the server allows: a message that the context would make too large goes without.
    /// </param>
    public MqttApplicationMessage Inject(MqttApplicationMessage message, MqttClientConnectResult? server)
    {
        if (!propagates || Activity.Current is not { } current)
        {
            return message;
        }
        var injected = TraceContext.Write(message, current);
        return MqttPublishRules.FindFault(injected, server) is null ? injected : message;
    }

    /// <summary>Starts the span around handing a message over; null when nobody collects it.</summary>
    public Activity? StartProcess(MqttApplicationMessage message, string filter)
    {
        if (!IsListening)
        {
            return null;
        }
        TraceContext.TryRead(message.UserProperties, out var parent);
        var span = Source.StartActivity($"process {filter}", ActivityKind.Consumer, parent);
        Describe(span, message, operation: "process", type: "process");
        span?.SetTag("messaging.destination.template", filter);
        return span;
    }

    /// <summary>The publish was answered.</summary>
    public static void Finish(Activity? span, MqttClientPublishResult result)
    {
        span?.SetTag("mqtt.reason_code", (int)result.ReasonCode);
        if (!result.IsSuccess)
        {
            span?.SetTag("error.type", ErrorType.Of(result));
            span?.SetStatus(ActivityStatusCode.Error, result.ReasonString ?? ErrorType.Of(result));
        }
    }

    /// <summary>What the span stands for ended in an exception.</summary>
    public static void Fail(Activity? span, Exception error)
    {
        span?.SetTag("error.type", ErrorType.Of(error));
        span?.SetStatus(ActivityStatusCode.Error, error.Message);
    }

    private void Describe(Activity? span, MqttApplicationMessage message, string operation, string type)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }
        span.SetTag("messaging.system", "mqtt");
        span.SetTag("messaging.operation.name", operation);
        span.SetTag("messaging.operation.type", type);
        span.SetTag("messaging.destination.name", message.Topic);
        span.SetTag("messaging.message.body.size", message.Payload.Length);
        span.SetTag("mqtt.qos", (int)message.QualityOfServiceLevel);
        if (clientId.Length > 0)
        {
            span.SetTag("messaging.client.id", clientId);
        }
        if (name.Length > 0)
        {
            span.SetTag("mqttscion.client.name", name);
        }
    }
}
