namespace MqttScion;

/// <summary>Why an application message did not reach an observer.</summary>
public enum MessageDropReason
{
    /// <summary>A QoS 0 message came while the subscription's queue was full.</summary>
    QueueFull,

    /// <summary>The observer's <c>OnNext</c> threw; it was detached.</summary>
    ObserverFailed,

    /// <summary>No subscription of this client matches the message's topic.</summary>
    NoSubscription,

    /// <summary>The serializer could not read the payload.</summary>
    Undecodable,
}
