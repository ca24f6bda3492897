using System.Text;

namespace MqttScion.Mqtt;

/// <summary>Builds an <see cref="MqttApplicationMessage"/> step by step. Not thread-safe.</summary>
public sealed class MqttApplicationMessageBuilder
{
    private readonly List<MqttUserProperty> _userProperties = [];
    private string _topic = "";
    private ReadOnlyMemory<byte> _payload;
    private MqttQualityOfServiceLevel _qualityOfServiceLevel;
    private bool _retain;
    private string? _contentType;
    private string? _responseTopic;
    private byte[]? _correlationData;
    private uint? _messageExpiryInterval;
    private MqttPayloadFormatIndicator _payloadFormatIndicator;
    private ushort _topicAlias;

    /// <summary>Sets the topic.</summary>
    public MqttApplicationMessageBuilder WithTopic(string topic) => Set(() => _topic = topic);

    /// <summary>Sets the payload to the UTF-8 bytes of a text; null makes it empty.</summary>
    public MqttApplicationMessageBuilder WithPayload(string? payload) =>
        Set(() => _payload = payload is null ? default : Encoding.UTF8.GetBytes(payload).AsMemory());

    /// <summary>Sets the payload; the array is not copied.</summary>
    public MqttApplicationMessageBuilder WithPayload(byte[]? payload) => Set(() => _payload = payload);

    /// <summary>Sets the payload; the memory is not copied.</summary>
    public MqttApplicationMessageBuilder WithPayload(ReadOnlyMemory<byte> payload) => Set(() => _payload = payload);

    /// <summary>Sets the QoS.</summary>
    public MqttApplicationMessageBuilder WithQualityOfServiceLevel(MqttQualityOfServiceLevel level) =>
        Set(() => _qualityOfServiceLevel = level);

    /// <summary>Asks the server to keep the message for later subscribers.</summary>
    public MqttApplicationMessageBuilder WithRetainFlag(bool value = true) => Set(() => _retain = value);

    /// <summary>Describes the content, for example with a MIME type.</summary>
    public MqttApplicationMessageBuilder WithContentType(string? contentType) => Set(() => _contentType = contentType);

    /// <summary>Makes the message a request and says where the response goes.</summary>
    public MqttApplicationMessageBuilder WithResponseTopic(string? topic) => Set(() => _responseTopic = topic);

    /// <summary>Sets the bytes that relate a response to its request.</summary>
    public MqttApplicationMessageBuilder WithCorrelationData(byte[]? data) => Set(() => _correlationData = data);

    /// <summary>Sets the lifetime in seconds.</summary>
    public MqttApplicationMessageBuilder WithMessageExpiryInterval(uint? seconds) =>
        Set(() => _messageExpiryInterval = seconds);

    /// <summary>Says whether the payload is UTF-8 text.</summary>
    public MqttApplicationMessageBuilder WithPayloadFormatIndicator(MqttPayloadFormatIndicator indicator) =>
        Set(() => _payloadFormatIndicator = indicator);

    /// <summary>Sets the alias for the topic on this connection; 0 means none.</summary>
    public MqttApplicationMessageBuilder WithTopicAlias(ushort alias) => Set(() => _topicAlias = alias);

    /// <summary>Adds a user property.</summary>
    public MqttApplicationMessageBuilder WithUserProperty(string name, string value) =>
        Set(() => _userProperties.Add(new MqttUserProperty(name, value)));

    /// <summary>Makes the message.</summary>
    /// <exception cref="InvalidOperationException">The topic is not a topic name; the text names the rule.</exception>
    public MqttApplicationMessage Build()
    {
        if ((_topic.Length > 0 || _topicAlias == 0) && !MqttTopic.TryValidateTopic(_topic, out var error))
        {
            throw new InvalidOperationException(error);
        }
        return new MqttApplicationMessage
        {
            Topic = _topic,
            Payload = _payload,
            QualityOfServiceLevel = _qualityOfServiceLevel,
            Retain = _retain,
            ContentType = _contentType,
            ResponseTopic = _responseTopic,
            CorrelationData = _correlationData,
            MessageExpiryInterval = _messageExpiryInterval,
            PayloadFormatIndicator = _payloadFormatIndicator,
            TopicAlias = _topicAlias,
            UserProperties = [.. _userProperties],
        };
    }

    private MqttApplicationMessageBuilder Set(Action change)
    {
        change();
        return this;
    }
}
