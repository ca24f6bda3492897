using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The ways to get messages with a topic filter and a quality of service alone.</summary>
public static class SubscribeExtensions
{
    /// <summary>The messages of a topic filter, pushed. See <see cref="IScionMqttClient.Messages(MqttTopicFilter,
    /// MqttDeliveryOptions)"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="filter">The topic filter.</param>
    /// <param name="qualityOfService">The highest QoS that messages are delivered with.</param>
    /// <param name="options">How messages wait for the observer; null for the client's bounds.</param>
    public static IObservable<MqttApplicationMessage> Messages(
        this IScionMqttClient client,
        string filter,
        MqttQualityOfServiceLevel qualityOfService,
        MqttDeliveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.Messages(FilterOf(filter, qualityOfService), options);
    }

    /// <summary>The same with their payloads as values. See <see cref="IScionMqttClient.Messages{T}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="filter">The topic filter.</param>
    /// <param name="qualityOfService">The highest QoS that messages are delivered with.</param>
    /// <param name="options">How messages wait for the observer; null for the client's bounds.</param>
    public static IObservable<MqttMessage<T>> Messages<T>(
        this IScionMqttClient client,
        string filter,
        MqttQualityOfServiceLevel qualityOfService,
        MqttDeliveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.Messages<T>(FilterOf(filter, qualityOfService), options);
    }

    /// <summary>Subscribes and completes at SUBACK.</summary>
    /// <param name="client">The client.</param>
    /// <param name="filter">The topic filter.</param>
    /// <param name="qualityOfService">The highest QoS that messages are delivered with.</param>
    /// <param name="cancellationToken">Gives up waiting for the SUBACK.</param>
    public static ValueTask<IMqttSubscription> SubscribeAsync(
        this IScionMqttClient client,
        string filter,
        MqttQualityOfServiceLevel qualityOfService,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.SubscribeAsync(FilterOf(filter, qualityOfService), cancellationToken);
    }

    /// <summary>Subscribes with a handler, and completes at SUBACK. See <see cref="IScionMqttClient.SubscribeAsync(
    /// MqttTopicFilter, Func{MqttDelivery, CancellationToken, ValueTask}, CancellationToken)"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="filter">The topic filter.</param>
    /// <param name="qualityOfService">The highest QoS that messages are delivered with.</param>
    /// <param name="handler">Called for each message.</param>
    /// <param name="options">How messages wait for the handler; null for the client's bounds.</param>
    /// <param name="cancellationToken">Gives up waiting for the SUBACK.</param>
    public static ValueTask<IMqttSubscription> SubscribeAsync(
        this IScionMqttClient client,
        string filter,
        MqttQualityOfServiceLevel qualityOfService,
        Func<MqttDelivery, CancellationToken, ValueTask> handler,
        MqttDeliveryOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.SubscribeAsync(
            FilterOf(filter, qualityOfService), handler, options ?? new MqttDeliveryOptions(), cancellationToken);
    }

    /// <summary>The messages of a topic filter, pulled. See <see cref="IScionMqttClient.ReadMessagesAsync(
    /// MqttTopicFilter, CancellationToken)"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="filter">The topic filter.</param>
    /// <param name="qualityOfService">The highest QoS that messages are delivered with.</param>
    /// <param name="options">How messages wait for the reader; null for the client's bounds.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public static IAsyncEnumerable<MqttDelivery> ReadMessagesAsync(
        this IScionMqttClient client,
        string filter,
        MqttQualityOfServiceLevel qualityOfService,
        MqttDeliveryOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client.ReadMessagesAsync(
            FilterOf(filter, qualityOfService), options ?? new MqttDeliveryOptions(), cancellationToken);
    }

    private static MqttTopicFilter FilterOf(string filter, MqttQualityOfServiceLevel qualityOfService) =>
        new() { Topic = filter, QualityOfServiceLevel = qualityOfService };
}
