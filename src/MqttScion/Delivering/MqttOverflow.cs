namespace MqttScion;

/// <summary>What happens to a message that comes while as many wait for a consumer as are allowed.</summary>
public enum MqttOverflow
{
    /// <summary>
    /// QoS 1 and 2 wait unacknowledged, so the server sends no more than Receive Maximum; nothing of them is lost, and
    /// a slow consumer slows all of this client down. QoS 0 messages beyond the bound are dropped, newest first.
    /// </summary>
    PauseAcknowledgements = 0,

    /// <summary>
    /// The message that came is dropped. QoS 1 and 2 are acknowledged when they are queued or dropped, so the consumer
    /// holds nobody up, and its acknowledgements have no effect.
    /// </summary>
    DropNewest = 1,

    /// <summary>As <see cref="DropNewest"/>, but those that wait longest make room.</summary>
    DropOldest = 2,
}
