using System.Reactive.Linq;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Values instead of payloads, by the client's <see cref="IScionMqttClient.Serializers"/>.</summary>
public static class TypedClientExtensions
{
    /// <summary>Publishes a value.</summary>
    /// <param name="client">The client.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="value">The value.</param>
    /// <param name="qualityOfService">How sure its delivery is to be.</param>
    /// <param name="retain">Whether the server keeps it for later subscribers.</param>
    /// <param name="cancellationToken">Gives the publish up.</param>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    public static ValueTask<MqttClientPublishResult> PublishAsync<T>(
        this IScionMqttClient client,
        string topic,
        T value,
        MqttQualityOfServiceLevel qualityOfService = MqttQualityOfServiceLevel.AtMostOnce,
        bool retain = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.PublishAsync(
            client.Serializers.ToMessage(topic, value, qualityOfService, retain), cancellationToken);
    }

    /// <summary>
    /// The payloads of the messages of a filter alone. See <see cref="IScionMqttClient.Messages{T}"/>.
    /// </summary>
    public static IObservable<T> Values<T>(this IScionMqttClient client, MqttTopicFilter filter)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.Messages<T>(filter).Select(static message => message.Value);
    }
}
