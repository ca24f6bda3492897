using System.Runtime.CompilerServices;
using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Values instead of payloads, by the client's <see cref="IScionMqttClient.Serializers"/>.</summary>
public static class TypedClientExtensions
{
    /// <summary>Publishes a value.</summary>
    /// <param name="client">The client.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="value">The value.</param>
    /// <param name="qualityOfService">How sure its delivery is to be. Default: at least once.</param>
    /// <param name="retain">Whether the server keeps it for later subscribers.</param>
    /// <param name="cancellationToken">Gives the publish up.</param>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    public static ValueTask<MqttClientPublishResult> PublishAsync<T>(
        this IScionMqttClient client,
        string topic,
        T value,
        MqttQualityOfServiceLevel qualityOfService = MqttQualityOfServiceLevel.AtLeastOnce,
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
        var messages = client.Messages<T>(filter);
        return new DerivedObservable<T>(
            messages,
            observer => messages.Subscribe(m => observer.OnNext(m.Value), observer.OnError, observer.OnCompleted),
            static _ => null);
    }

    /// <summary>
    /// Subscribes with a handler of values, and completes at SUBACK. See <see cref="IScionMqttClient.SubscribeAsync(
    /// MqttTopicFilter, Func{MqttDelivery, CancellationToken, ValueTask}, CancellationToken)"/>.
    /// </summary>
    /// <remarks>A payload that the serializer can't read is reported in <see cref="IScionMqttClient.DroppedMessages"/>,
    /// a QoS 1 or 2 message refused with 0x99, and the handler goes on with the next.</remarks>
    /// <param name="client">The client.</param>
    /// <param name="filter">The filter; made from a string, at least once.</param>
    /// <param name="handler">Called for each message.</param>
    /// <param name="options">How messages wait for the handler; null for the client's bounds.</param>
    /// <param name="cancellationToken">Gives up waiting for the SUBACK.</param>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    public static ValueTask<IMqttSubscription> SubscribeAsync<T>(
        this IScionMqttClient client,
        MqttTopicFilter filter,
        Func<MqttDelivery<T>, CancellationToken, ValueTask> handler,
        MqttDeliveryOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(handler);
        var serializer = client.Serializers.Get<T>();
        return client.SubscribeAsync(
            filter,
            (delivery, token) => MqttDelivery<T>.Read(delivery, serializer) is { } typed
                ? handler(typed, token)
                : ValueTask.CompletedTask,
            options ?? new MqttDeliveryOptions(),
            cancellationToken);
    }

    /// <inheritdoc cref="SubscribeAsync{T}(IScionMqttClient, MqttTopicFilter, Func{MqttDelivery{T}, CancellationToken,
    /// ValueTask}, MqttDeliveryOptions, CancellationToken)"/>
    public static ValueTask<IMqttSubscription> SubscribeAsync<T>(
        this IScionMqttClient client,
        MqttTopicFilter filter,
        Func<MqttDelivery<T>, CancellationToken, ValueTask> handler,
        CancellationToken cancellationToken) =>
        client.SubscribeAsync(filter, handler, options: null, cancellationToken);

    /// <summary>
    /// The messages of a filter with their payloads as values, pulled. See <see
    /// cref="IScionMqttClient.ReadMessagesAsync(MqttTopicFilter, CancellationToken)"/>.
    /// </summary>
    /// <remarks>A payload that the serializer can't read is reported in <see cref="IScionMqttClient.DroppedMessages"/>,
    /// a QoS 1 or 2 message refused with 0x99, and the enumeration goes on with the next.</remarks>
    /// <param name="client">The client.</param>
    /// <param name="filter">The filter; made from a string, at least once.</param>
    /// <param name="options">How messages wait for the reader; null for the client's bounds.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="InvalidOperationException">No serializer is registered for the type.</exception>
    public static IAsyncEnumerable<MqttDelivery<T>> ReadMessagesAsync<T>(
        this IScionMqttClient client,
        MqttTopicFilter filter,
        MqttDeliveryOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var serializer = client.Serializers.Get<T>();
        var deliveries = client.ReadMessagesAsync(filter, options ?? new MqttDeliveryOptions(), cancellationToken);
        return ReadAsync(deliveries, serializer, cancellationToken);
    }

    /// <inheritdoc cref="ReadMessagesAsync{T}(IScionMqttClient, MqttTopicFilter, MqttDeliveryOptions,
    /// CancellationToken)"/>
    public static IAsyncEnumerable<MqttDelivery<T>> ReadMessagesAsync<T>(
        this IScionMqttClient client, MqttTopicFilter filter, CancellationToken cancellationToken) =>
        client.ReadMessagesAsync<T>(filter, options: null, cancellationToken);

    private static async IAsyncEnumerable<MqttDelivery<T>> ReadAsync<T>(
        IAsyncEnumerable<MqttDelivery> deliveries,
        IMqttPayloadSerializer<T> serializer,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var delivery in deliveries.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (MqttDelivery<T>.Read(delivery, serializer) is { } typed)
            {
                yield return typed;
            }
        }
    }
}
