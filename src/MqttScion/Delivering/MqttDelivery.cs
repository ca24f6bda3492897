using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>
/// A message and its acknowledgement, of <see cref="IScionMqttClient.ReadMessagesAsync(MqttTopicFilter,
/// CancellationToken)"/> or of a handler. All members may be called from any thread.
/// </summary>
/// <remarks>
/// The first call of <see cref="Acknowledge"/> or <see cref="Reject"/> counts, further ones do nothing. Neither has an
/// effect on QoS 0 or with a drop mode. After a reader ended both still count where the message waits for another
/// consumer (<see cref="ScionMqttClientOptions.UnsubscribeDelay"/>, and while a host stops), until that gets it. PUBACK
/// and PUBREC leave in the order in which the messages came [MQTT-4.6.0-2]; one whose connection is gone is kept for
/// the message's next arrival in the same session.
/// </remarks>
public sealed class MqttDelivery
{
    private readonly IDeliveryConsumer _consumer;
    private Delivery? _delivery;

    internal MqttDelivery(in WaitingMessage waiting, IDeliveryConsumer consumer) =>
        (Message, _delivery, _consumer) = (waiting.Message, waiting.Delivery, consumer);

    /// <summary>The message.</summary>
    public MqttApplicationMessage Message { get; }

    /// <summary>The topic that it came on.</summary>
    public string Topic => Message.Topic;

    /// <summary>Its payload.</summary>
    public ReadOnlyMemory<byte> Payload => Message.Payload;

    /// <summary>True while the message waits for an answer.</summary>
    internal bool IsOpen => Volatile.Read(ref _delivery) is not null;

    /// <summary>The message is dealt with.</summary>
    public void Acknowledge() => TryAnswer(DeliveryOutcome.Taken);

    /// <summary>
    /// The message is not wanted: the server gets the reason code, unless another consumer of this client took the
    /// message. In MQTT 5 that ends its flow too.
    /// </summary>
    /// <param name="reason">A failure code of PUBACK: 0x80, 0x83, 0x87, 0x90, 0x91, 0x97 or 0x99.</param>
    /// <exception cref="ArgumentOutOfRangeException">PUBACK has no such failure code.</exception>
    public void Reject(MqttClientPublishReasonCode reason = MqttClientPublishReasonCode.UnspecifiedError)
    {
        if (reason is not (MqttClientPublishReasonCode.UnspecifiedError
            or MqttClientPublishReasonCode.ImplementationSpecificError
            or MqttClientPublishReasonCode.NotAuthorized
            or MqttClientPublishReasonCode.TopicNameInvalid
            or MqttClientPublishReasonCode.PacketIdentifierInUse
            or MqttClientPublishReasonCode.QuotaExceeded
            or MqttClientPublishReasonCode.PayloadFormatInvalid))
        {
            throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a failure code of PUBACK.");
        }
        TryAnswer(DeliveryOutcome.Refused, reason);
    }

    /// <summary>Takes the acknowledgement out of these hands; null when there is none any more.</summary>
    internal Delivery? Reclaim() => Interlocked.Exchange(ref _delivery, null);

    /// <summary>Reports what its consumer could not do with it.</summary>
    internal void Report(MessageDropReason reason, Exception? error) => _consumer.Report(Message, reason, error);

    /// <summary>Answers; false when there was an answer, or none is wanted.</summary>
    internal bool TryAnswer(DeliveryOutcome outcome, MqttClientPublishReasonCode reason = default)
    {
        if (Interlocked.Exchange(ref _delivery, null) is not { } delivery)
        {
            return false;
        }
        _consumer.OnAnswered(this);
        delivery.Complete(outcome, reason);
        return true;
    }
}
