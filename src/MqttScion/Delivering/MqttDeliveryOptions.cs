namespace MqttScion;

/// <summary>How messages wait for one consumer: an observer, a handler or a reader. Immutable.</summary>
public sealed record MqttDeliveryOptions
{
    /// <summary>What happens beyond the bounds. Default <see cref="MqttOverflow.PauseAcknowledgements"/>.</summary>
    public MqttOverflow Overflow { get; init; }

    /// <summary>
    /// How many messages may wait: those of QoS 0, with a drop mode all. Null (the default):
    /// <see cref="ScionMqttClientOptions.MaxQueuedMessages"/>; 1 to 1,000,000. With 1 and
    /// <see cref="MqttOverflow.DropOldest"/> a busy consumer finds the latest message only.
    /// </summary>
    public int? MaxQueuedMessages { get; init; }

    /// <summary>
    /// From how many bytes of waiting payload on no more messages are taken. Null (the default):
    /// <see cref="ScionMqttClientOptions.MaxQueuedBytes"/>; 1 to 2,147,483,647.
    /// </summary>
    public long? MaxQueuedBytes { get; init; }

    /// <summary>How many messages a handler, or a responder, may have in hand at once. Default 1: one after the other,
    /// in order; 1 to 256. Acknowledgements leave in the order of arrival all the same.</summary>
    public int MaxConcurrency { get; init; } = 1;
}
