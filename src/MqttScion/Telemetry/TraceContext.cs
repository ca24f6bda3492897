using System.Diagnostics;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>W3C trace context in user properties: <c>traceparent</c> and <c>tracestate</c>.</summary>
internal static class TraceContext
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    // W3C Trace Context §3.3.1.3.1: what a party must at least pass on; more than that is cut off here.
    private const int MaxStateLength = 512;

    /// <summary>Reads a context. What a peer sent is ignored when it is malformed or there twice.</summary>
    public static bool TryRead(IReadOnlyList<MqttUserProperty> properties, out ActivityContext context)
    {
        context = default;
        return TryFind(properties, Parent, out var parent)
            && ActivityContext.TryParse(parent, StateOf(properties), isRemote: true, out context);
    }

    /// <summary>
    /// The message with the context of an activity; the message itself when it has a <c>traceparent</c> already.
    /// </summary>
    public static MqttApplicationMessage Write(MqttApplicationMessage message, Activity activity)
    {
        if (activity.IdFormat != ActivityIdFormat.W3C || Has(message.UserProperties, Parent))
        {
            return message;
        }
        List<MqttUserProperty> properties = [.. message.UserProperties, new(Parent, activity.Id!)];
        if (activity.TraceStateString is { Length: > 0 and <= MaxStateLength } state
            && !Has(message.UserProperties, State))
        {
            properties.Add(new(State, state));
        }
        return With(message, properties);
    }

    private static MqttApplicationMessage With(
        MqttApplicationMessage message, IReadOnlyList<MqttUserProperty> properties) => new()
        {
            Topic = message.Topic,
            Payload = message.Payload,
            QualityOfServiceLevel = message.QualityOfServiceLevel,
            Retain = message.Retain,
            Dup = message.Dup,
            ContentType = message.ContentType,
            ResponseTopic = message.ResponseTopic,
            CorrelationData = message.CorrelationData,
            MessageExpiryInterval = message.MessageExpiryInterval,
            PayloadFormatIndicator = message.PayloadFormatIndicator,
            TopicAlias = message.TopicAlias,
            UserProperties = properties,
            SubscriptionIdentifiers = message.SubscriptionIdentifiers,
        };

    private static string? StateOf(IReadOnlyList<MqttUserProperty> properties) =>
        TryFind(properties, State, out var state) && state.Length <= MaxStateLength && IsPrintable(state)
            ? state
            : null;

    private static bool IsPrintable(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool Has(IReadOnlyList<MqttUserProperty> properties, string name)
    {
        for (var i = 0; i < properties.Count; i++)
        {
            if (properties[i].Name == name)
            {
                return true;
            }
        }
        return false;
    }

    // Of two with the same name nobody can say which counts.
    private static bool TryFind(IReadOnlyList<MqttUserProperty> properties, string name, out string value)
    {
        value = "";
        var count = 0;
        for (var i = 0; i < properties.Count; i++)
        {
            if (properties[i].Name == name)
            {
                value = properties[i].Value;
                count++;
            }
        }
        return count == 1;
    }
}
