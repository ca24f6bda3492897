namespace MqttScion;

/// <summary>One connection, as subscriptions see it. All members may be called from any thread; those of a connection
/// that is gone do nothing.</summary>
internal interface ISubscriptionLink
{
    /// <summary>Sends SUBSCRIBE: what <see cref="SubscriptionHub.TakeSubscribes"/> gives when its turn comes.</summary>
    void Subscribe(Subscription subscription);

    /// <summary>Sends UNSUBSCRIBE.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="number">Comes back with the answer.</param>
    void Unsubscribe(string filter, long number);
}
