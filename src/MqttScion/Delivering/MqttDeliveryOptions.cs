using MqttScion.Options;

namespace MqttScion;

/// <summary>How messages wait for one consumer: an observer, a handler or a reader. Immutable.</summary>
public sealed record MqttDeliveryOptions
{
    /// <summary>What happens beyond the bounds. Default <see cref="MqttOverflow.PauseAcknowledgements"/>.</summary>
    public MqttOverflow Overflow { get; init; }

    /// <summary>
    /// How many messages may wait: those of QoS 0, with a drop mode all. With 1 and
    /// <see cref="MqttOverflow.DropOldest"/> a busy consumer finds the latest message only. Null: as
    /// <see cref="ScionMqttClientOptions.MaxQueuedMessages"/> says. Default none; 1 to 1,000,000.
    /// </summary>
    [OptionRange(1, 1_000_000)]
    public int? MaxQueuedMessages { get; init; }

    /// <summary>
    /// From how many bytes of waiting payload on no more messages are taken. Null: as
    /// <see cref="ScionMqttClientOptions.MaxQueuedBytes"/> says. Default none; 1 byte to 2,147,483,647 bytes.
    /// </summary>
    [OptionRange(1, int.MaxValue, Unit = "bytes")]
    public long? MaxQueuedBytes { get; init; }

    /// <summary>How many messages a handler, or a responder, may have in hand at once; with 1 one after the other, in
    /// order. Acknowledgements leave in the order of arrival all the same. Default 1; 1 to 256.</summary>
    [OptionRange(1, 256)]
    public int MaxConcurrency { get; init; } = 1;
}
