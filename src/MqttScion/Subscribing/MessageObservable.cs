using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The messages of a filter for observers, each of which is a consumer of its own.</summary>
/// <remarks>Not made by <c>Observable.Create</c>, whose observers hear nothing any more once they have thrown.
/// </remarks>
internal sealed class MessageObservable(SubscriptionHub hub, MqttTopicFilter filter, DeliveryBounds bounds)
    : IObservable<MqttApplicationMessage>, IObserverFailures
{
    public IDisposable Subscribe(IObserver<MqttApplicationMessage> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return hub.Observe(filter, bounds, observer);
    }

    /// <summary>The same messages with their acknowledgements, of one consumer; it lives on across connections.
    /// </summary>
    public ReaderRecipient Read() => hub.Read(filter, bounds, endsWithConnection: false);

    public void Report(object? item, Exception error) =>
        hub.OnObserverFailed(filter.Topic, item as MqttApplicationMessage, error);
}
