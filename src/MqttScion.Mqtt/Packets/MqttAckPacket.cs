namespace MqttScion.Mqtt;

/// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP (MQTT 5 §3.4 to §3.7), which have one shape.</summary>
internal readonly record struct MqttAckPacket(
    MqttPacketType Type, ushort PacketId, byte ReasonCode = 0, MqttProperties? Properties = null);
