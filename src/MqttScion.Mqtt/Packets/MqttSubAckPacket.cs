namespace MqttScion.Mqtt;

/// <summary>SUBACK or UNSUBACK (MQTT 5 §3.9, §3.11), which have one shape.</summary>
internal readonly record struct MqttSubAckPacket(
    MqttPacketType Type, ushort PacketId, byte[] ReasonCodes, MqttProperties? Properties = null);
