using System.Text;

namespace MqttScion.Mqtt;

/// <summary>A message as an application sends or gets it (MQTT 5 §3.3).</summary>
/// <remarks>Immutable, so it may be shared between threads; the payload memory must not be changed once handed
/// over.</remarks>
public sealed class MqttApplicationMessage
{
    /// <summary>The topic name; no wildcards.</summary>
    public string Topic { get; init; } = "";

    /// <summary>The payload; may be empty.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The QoS; of a received message, the one it was delivered with. Default: at most once, as with MQTTnet;
    /// topic filters and the calls that publish values or requests have at least once.</summary>
    public MqttQualityOfServiceLevel QualityOfServiceLevel { get; init; }

    /// <summary>Out: the server keeps the message for later subscribers. In: the message is a retained one.</summary>
    public bool Retain { get; init; }

    /// <summary>True on a received message that may be a second delivery. Ignored when publishing.</summary>
    public bool Dup { get; init; }

    /// <summary>The MIME type or another description of the content; null when absent.</summary>
    public string? ContentType { get; init; }

    /// <summary>The topic for the response to this request; null when absent.</summary>
    public string? ResponseTopic { get; init; }

    /// <summary>Bytes that relate a response to its request; null when absent.</summary>
    public byte[]? CorrelationData { get; init; }

    /// <summary>The lifetime in seconds; null means that the message does not expire.</summary>
    public uint? MessageExpiryInterval { get; init; }

    /// <summary>Whether the payload is UTF-8 text.</summary>
    public MqttPayloadFormatIndicator PayloadFormatIndicator { get; init; }

    /// <summary>The alias for the topic on this connection; 0, the default, leaves it to the session, which has
    /// resolved the alias of a received message. Setting one turns the session's own aliases off for the connection.
    /// Not kept when the message is sent again.</summary>
    public ushort TopicAlias { get; init; }

    /// <summary>The user properties in the order of the packet.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>The identifiers of the subscriptions that a received message matched. Ignored when
    /// publishing.</summary>
    public IReadOnlyList<uint> SubscriptionIdentifiers { get; init; } = [];

    /// <summary>The payload as UTF-8 text; bytes that are not UTF-8 become U+FFFD.</summary>
    public string ConvertPayloadToString() => Encoding.UTF8.GetString(Payload.Span);
}
