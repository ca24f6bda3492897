namespace MqttScion;

/// <summary>Why an application message did not get where it was to go.</summary>
public enum MessageDropReason
{
    /// <summary>It came while a consumer's queue was full, or made room there: see <see cref="MqttOverflow"/>.
    /// </summary>
    QueueFull,

    /// <summary>The observer's <c>OnNext</c> threw, and it was detached; or the handler threw.</summary>
    ObserverFailed,

    /// <summary>No consumer of this client wants the message, or those who did went before they got it.</summary>
    NoSubscription,

    /// <summary>The serializer could not read the payload.</summary>
    Undecodable,

    /// <summary>A response came to no request, or to one that nobody waits for any more.</summary>
    UnexpectedResponse,

    /// <summary>A message came where requests are awaited, and names no Response Topic.</summary>
    NoResponseTopic,

    /// <summary>A publish of ours was left out or had to make room: see <see cref="OutboxOverflow"/>.</summary>
    OutboxFull,

    /// <summary>The lifetime of a publish of ours was over before it could be sent.</summary>
    Expired,

    /// <summary>The server, or a rule of its CONNACK, refused a publish of ours that nobody awaits.</summary>
    Refused,

    /// <summary>A reader or a handler ended before it acknowledged the message, or before it got it.</summary>
    NotAcknowledged,

    /// <summary>The connection ended for good before a publish of ours that nobody awaits was sent or acknowledged; one
    /// of QoS 1 or 2 may have been delivered.</summary>
    ConnectionEnded,
}
