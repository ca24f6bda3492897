using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A message with its payload as a value, and its acknowledgement. All members may be called from any thread.
/// </summary>
/// <remarks>As <see cref="MqttDelivery"/>.</remarks>
public sealed class MqttDelivery<T>
{
    private readonly MqttDelivery _delivery;

    private MqttDelivery(MqttDelivery delivery, T value) => (_delivery, Value) = (delivery, value);

    /// <summary>The payload.</summary>
    public T Value { get; }

    /// <summary>The message that it came in.</summary>
    public MqttApplicationMessage Message => _delivery.Message;

    /// <summary>The topic that it came on.</summary>
    public string Topic => _delivery.Topic;

    /// <inheritdoc cref="MqttDelivery.Acknowledge"/>
    public void Acknowledge() => _delivery.Acknowledge();

    /// <inheritdoc cref="MqttDelivery.Reject"/>
    public void Reject(MqttClientPublishReasonCode reason = MqttClientPublishReasonCode.UnspecifiedError) =>
        _delivery.Reject(reason);

    /// <summary>Reads the value; null when that fails: then it is reported, and refused with 0x99.</summary>
    internal static MqttDelivery<T>? Read(MqttDelivery delivery, IMqttPayloadSerializer<T> serializer)
    {
        try
        {
            return new MqttDelivery<T>(delivery, serializer.Deserialize(delivery.Payload));
        }
        catch (Exception e)
        {
            // User code and a peer's bytes: it may throw anything, and the next message may be good.
            delivery.Report(MessageDropReason.Undecodable, e);
            delivery.Reject(MqttClientPublishReasonCode.PayloadFormatInvalid);
            return null;
        }
    }
}
