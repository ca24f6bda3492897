using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Answers requests, each by itself (MQTT 5 §4.10).</summary>
public static class ResponderExtensions
{
    /// <summary>Answers the requests of a filter with values; completes at SUBACK.</summary>
    /// <remarks>
    /// <para>A request that can't be answered — without a Response Topic, with a payload that the serializer can't
    /// read, one that the handler throws on or whose response can't be published — is reported in <see
    /// cref="IScionMqttClient.DroppedMessages"/> and the log, and at QoS 1 and 2 refused; the responder goes on with
    /// the next. A request is acknowledged when its response is published, with the request's quality of service.
    /// </para>
    /// <para>Requests are answered one after the other; <see cref="MqttDeliveryOptions.MaxConcurrency"/> can say
    /// otherwise. The token is cancelled when the subscription or the client is disposed.</para>
    /// </remarks>
    /// <param name="client">The client.</param>
    /// <param name="filter">The filter; made from a string, at least once.</param>
    /// <param name="handler">Makes the response to a request.</param>
    /// <param name="options">How requests wait for the handler; null for the client's bounds.</param>
    /// <param name="cancellationToken">Gives up waiting for the SUBACK.</param>
    /// <exception cref="InvalidOperationException">No serializer is registered for one of the types.</exception>
    /// <exception cref="MqttSubscribeRefusedException">The server refused the filter.</exception>
    /// <exception cref="MqttNotConnectedException">The client is not connected.</exception>
    public static ValueTask<IMqttSubscription> Requests<TRequest, TResponse>(
        this IScionMqttClient client,
        MqttTopicFilter filter,
        Func<TRequest, CancellationToken, ValueTask<TResponse>> handler,
        MqttDeliveryOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(handler);
        var reader = client.Serializers.Get<TRequest>();
        client.Serializers.Get<TResponse>();
        return Respond(client, filter, options, RespondAsync, cancellationToken);

        async ValueTask<MqttApplicationMessage?> RespondAsync(MqttDelivery delivery, CancellationToken token)
        {
            if (MqttDelivery<TRequest>.Read(delivery, reader) is not { } typed)
            {
                return null;
            }
            var response = await handler(typed.Value, token).ConfigureAwait(false);
            return client.Serializers.ToMessage(
                delivery.Message.ResponseTopic!, response, delivery.Message.QualityOfServiceLevel);
        }
    }

    /// <inheritdoc cref="Requests{TRequest, TResponse}(IScionMqttClient, MqttTopicFilter, Func{TRequest,
    /// CancellationToken, ValueTask{TResponse}}, MqttDeliveryOptions, CancellationToken)"/>
    public static ValueTask<IMqttSubscription> Requests<TRequest, TResponse>(
        this IScionMqttClient client,
        MqttTopicFilter filter,
        Func<TRequest, CancellationToken, ValueTask<TResponse>> handler,
        CancellationToken cancellationToken) =>
        client.Requests(filter, handler, options: null, cancellationToken);

    /// <summary>Answers the requests of a filter with messages; completes at SUBACK.</summary>
    /// <remarks>As <see cref="Requests{TRequest, TResponse}(IScionMqttClient, MqttTopicFilter, Func{TRequest,
    /// CancellationToken, ValueTask{TResponse}}, MqttDeliveryOptions, CancellationToken)"/>. Topic and correlation data
    /// of the response are those of the request, whatever the message says.</remarks>
    /// <param name="client">The client.</param>
    /// <param name="filter">The filter; made from a string, at least once.</param>
    /// <param name="handler">Makes the response to a request.</param>
    /// <param name="options">How requests wait for the handler; null for the client's bounds.</param>
    /// <param name="cancellationToken">Gives up waiting for the SUBACK.</param>
    /// <exception cref="MqttSubscribeRefusedException">The server refused the filter.</exception>
    /// <exception cref="MqttNotConnectedException">The client is not connected.</exception>
    public static ValueTask<IMqttSubscription> Requests(
        this IScionMqttClient client,
        MqttTopicFilter filter,
        Func<MqttRequest, CancellationToken, ValueTask<MqttApplicationMessage>> handler,
        MqttDeliveryOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(handler);
        return Respond(
            client,
            filter,
            options,
            async (delivery, token) =>
                await handler(new MqttRequest(client, delivery.Message), token).ConfigureAwait(false),
            cancellationToken);
    }

    /// <inheritdoc cref="Requests(IScionMqttClient, MqttTopicFilter, Func{MqttRequest, CancellationToken,
    /// ValueTask{MqttApplicationMessage}}, MqttDeliveryOptions, CancellationToken)"/>
    public static ValueTask<IMqttSubscription> Requests(
        this IScionMqttClient client,
        MqttTopicFilter filter,
        Func<MqttRequest, CancellationToken, ValueTask<MqttApplicationMessage>> handler,
        CancellationToken cancellationToken) =>
        client.Requests(filter, handler, options: null, cancellationToken);

    private static ValueTask<IMqttSubscription> Respond(
        IScionMqttClient client,
        MqttTopicFilter filter,
        MqttDeliveryOptions? options,
        Func<MqttDelivery, CancellationToken, ValueTask<MqttApplicationMessage?>> respond,
        CancellationToken cancellationToken) =>
        client.SubscribeAsync(
            filter,
            (delivery, token) => AnswerAsync(client, delivery, respond, token),
            options ?? new MqttDeliveryOptions(),
            cancellationToken);

    private static async ValueTask AnswerAsync(
        IScionMqttClient client,
        MqttDelivery delivery,
        Func<MqttDelivery, CancellationToken, ValueTask<MqttApplicationMessage?>> respond,
        CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(delivery.Message.ResponseTopic))
        {
            delivery.Report(MessageDropReason.NoResponseTopic, error: null);
            delivery.Reject();
            return;
        }
        try
        {
            if (await respond(delivery, cancellationToken).ConfigureAwait(false) is not { } response)
            {
                return;
            }
            var result = await new MqttRequest(client, delivery.Message)
                .RespondAsync(response, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess)
            {
                throw new InvalidOperationException($"The response to a request on '{delivery.Topic}' was refused: "
                    + $"{result.ReasonCode} (0x{(int)result.ReasonCode:x2}) {result.ReasonString}");
            }
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // User code and a peer's request: it may throw anything. Refused and not failed: a request that fails each
            // time must not come each time.
            delivery.Report(MessageDropReason.ObserverFailed, e);
            delivery.Reject();
        }
    }
}
