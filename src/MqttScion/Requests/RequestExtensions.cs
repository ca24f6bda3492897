using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Requests and responses as values, by the client's <see cref="IScionMqttClient.Serializers"/>.</summary>
public static class RequestExtensions
{
    /// <summary>Sends a value as a request and reads the response. See <see cref="IScionMqttClient.RequestAsync"/>.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="topic">The topic on which a responder listens.</param>
    /// <param name="value">The request.</param>
    /// <param name="timeout">How long to wait; null for the client's <c>RequestTimeout</c>.</param>
    /// <param name="qualityOfService">How sure the request's delivery is to be. Default: at least once, which also
    /// tells when nobody subscribes to the topic.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <exception cref="InvalidOperationException">No serializer is registered for one of the types.</exception>
    /// <exception cref="FormatException">The serializer can't read the response; its own exception is within.
    /// </exception>
    public static async ValueTask<TResponse> RequestAsync<TRequest, TResponse>(
        this IScionMqttClient client,
        string topic,
        TRequest value,
        TimeSpan? timeout = null,
        MqttQualityOfServiceLevel qualityOfService = MqttQualityOfServiceLevel.AtLeastOnce,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var request = client.Serializers.ToMessage(topic, value, qualityOfService);
        var reader = client.Serializers.Get<TResponse>();
        var response = await client.RequestAsync(request, timeout, cancellationToken).ConfigureAwait(false);
        try
        {
            return reader.Deserialize(response.Payload);
        }
        catch (Exception e)
        {
            // User code and a peer's bytes: it may throw anything.
            throw new FormatException(
                $"The response to the request on '{topic}' is no {typeof(TResponse).Name}: {e.Message}", e);
        }
    }
}
