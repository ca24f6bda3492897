using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A message that asks for a response (MQTT 5 §4.10). Any thread.</summary>
/// <remarks>
/// Whoever may publish the request chose <see cref="ResponseTopic"/>, and the response is published with this client's
/// rights: where requesters are not trusted with all topics that this client may write to, check it before responding.
/// </remarks>
public sealed class MqttRequest
{
    internal MqttRequest(IScionMqttClient client, MqttApplicationMessage message) =>
        (Client, Message) = (client, message);

    /// <summary>The request as it came.</summary>
    public MqttApplicationMessage Message { get; }

    /// <summary>The topic that it came on.</summary>
    public string Topic => Message.Topic;

    /// <summary>The topic on which the response is awaited.</summary>
    public string ResponseTopic => Message.ResponseTopic!;

    private IScionMqttClient Client { get; }

    /// <summary>Reads the payload as a value.</summary>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    public T Read<T>() => Client.Serializers.Get<T>().Deserialize(Message.Payload);

    /// <summary>Responds with a payload, with the quality of service of the request.</summary>
    /// <exception cref="ArgumentException">As <see cref="IScionMqttClient.PublishAsync"/>.</exception>
    /// <exception cref="MqttNotConnectedException">The client does not run.</exception>
    public ValueTask<MqttClientPublishResult> RespondAsync(
        ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        RespondAsync(
            new MqttApplicationMessage
            {
                Payload = payload,
                QualityOfServiceLevel = Message.QualityOfServiceLevel,
            },
            cancellationToken);

    /// <summary>Responds with a value, with the quality of service of the request.</summary>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    public ValueTask<MqttClientPublishResult> RespondAsync<T>(T value, CancellationToken cancellationToken = default) =>
        RespondAsync(
            Client.Serializers.ToMessage(ResponseTopic, value, Message.QualityOfServiceLevel), cancellationToken);

    /// <summary>
    /// Responds with a message. Its topic and correlation data are those of the request; what it says itself is not
    /// used.
    /// </summary>
    public ValueTask<MqttClientPublishResult> RespondAsync(
        MqttApplicationMessage response, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(response);
        return Client.PublishAsync(
            new MqttApplicationMessage
            {
                Topic = ResponseTopic,
                CorrelationData = Message.CorrelationData,
                Payload = response.Payload,
                QualityOfServiceLevel = response.QualityOfServiceLevel,
                Retain = response.Retain,
                ContentType = response.ContentType,
                PayloadFormatIndicator = response.PayloadFormatIndicator,
                MessageExpiryInterval = response.MessageExpiryInterval,
                ResponseTopic = response.ResponseTopic,
                UserProperties = response.UserProperties,
            },
            cancellationToken);
    }
}
