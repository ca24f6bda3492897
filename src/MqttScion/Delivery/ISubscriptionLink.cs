namespace MqttScion;

/// <summary>One connection, as subscriptions and deliveries see it. All members may be called from any thread; those
/// of a connection that is gone do nothing.</summary>
internal interface ISubscriptionLink
{
    /// <summary>True when the connection is gone.</summary>
    bool IsGone { get; }

    /// <summary>Sends SUBSCRIBE: what <see cref="SubscriptionHub.TakeSubscribes"/> gives when its turn comes.</summary>
    void Subscribe(Subscription subscription);

    /// <summary>Sends UNSUBSCRIBE.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="number">Comes back with the answer.</param>
    void Unsubscribe(string filter, long number);

    /// <summary>Sends the answer to a QoS 1 or 2 message.</summary>
    void Acknowledge(Delivery delivery);

    /// <summary>Closes the connection without an answer to a message, so that the server sends it again.</summary>
    void GiveBack(Delivery delivery);
}
