using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A publish as an <see cref="IOutboxStore"/> keeps it.</summary>
/// <param name="Sequence">Its place in the order of the publishes, growing; from 1.</param>
/// <param name="Message">The message, of QoS 1 or 2.</param>
/// <param name="AcceptedAt">When its lifetime began.</param>
/// <param name="PacketId">The packet identifier under which it is sent, also after a crash; 0 for QoS 1.</param>
/// <param name="IsReleased">True when the server has it (PUBREC came): only PUBREL is left to send.</param>
public sealed record StoredPublish(
    long Sequence, MqttApplicationMessage Message, DateTimeOffset AcceptedAt, ushort PacketId, bool IsReleased = false)
{
    /// <summary>False when it is certain that no server was sent it: then its lifetime may still end it
    /// [MQTT-4.3.3-7].</summary>
    public bool MayHaveBeenSent { get; init; } = true;
}
