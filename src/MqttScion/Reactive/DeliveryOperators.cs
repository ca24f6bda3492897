using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>Operators that stand between the library and its user's observers.</summary>
internal static class DeliveryOperators
{
    /// <summary>Payloads as values; what can't be read is reported and left out.</summary>
    public static IObservable<MqttMessage<T>> Decode<T>(
        this IObservable<MqttApplicationMessage> messages,
        IMqttPayloadSerializer<T> serializer,
        Action<MqttApplicationMessage, Exception> onUndecodable) =>
        new DerivedObservable<MqttMessage<T>>(messages, observer => messages.Subscribe(
            message =>
            {
                T value;
                try
                {
                    value = serializer.Deserialize(message.Payload);
                }
                catch (Exception e)
                {
                    // User code and a peer's bytes: it may throw anything, and the next message may be good.
                    onUndecodable(message, e);
                    return;
                }
                observer.OnNext(new MqttMessage<T>(value, message));
            },
            observer.OnError,
            observer.OnCompleted),
            static item => item.Message);

    /// <summary>The messages that ask for a response; others are reported and left out.</summary>
    public static IObservable<MqttRequest> AsRequests(
        this IObservable<MqttApplicationMessage> messages,
        IScionMqttClient client,
        Action<MqttApplicationMessage> onNoResponseTopic) =>
        new DerivedObservable<MqttRequest>(messages, observer => messages.Subscribe(
            message =>
            {
                if (string.IsNullOrEmpty(message.ResponseTopic))
                {
                    onNoResponseTopic(message);
                    return;
                }
                observer.OnNext(new MqttRequest(client, message));
            },
            observer.OnError,
            observer.OnCompleted),
            static item => item.Message);
}
