using System.Reactive;
using System.Reactive.Linq;
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

    /// <summary>
    /// Calls the observer on the thread pool, in order, so that user code runs neither on a loop nor under a lock. An
    /// observer that throws is detached and reported instead of taking its source down; events beyond the bound are
    /// left out.
    /// </summary>
    /// <param name="source">The stream.</param>
    /// <param name="onObserverFailed">Told what an observer threw.</param>
    /// <param name="maxWaiting">How many events may wait for one observer.</param>
    public static IObservable<T> OnThreadPool<T>(
        this IObservable<T> source,
        Action<Exception> onObserverFailed,
        int maxWaiting = 4096) =>
        Observable.Create<T>(observer =>
        {
            var isDetached = false;
            var pump = new SerialPump<Notification<T>>(notification =>
            {
                if (Volatile.Read(ref isDetached))
                {
                    return;
                }
                try
                {
                    notification.Accept(observer);
                }
                catch (Exception e)
                {
                    // User code: it may throw anything, and must not take the stream from the others.
                    Volatile.Write(ref isDetached, true);
                    onObserverFailed(e);
                }
            });
            var subscription = source.Materialize().Subscribe(notification =>
            {
                if (notification.Kind != NotificationKind.OnNext || pump.Count < maxWaiting)
                {
                    pump.Post(notification);
                }
            });
            return () =>
            {
                Volatile.Write(ref isDetached, true);
                subscription.Dispose();
            };
        });
}
