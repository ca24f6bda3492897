namespace MqttScion.Mqtt;

/// <summary>DISCONNECT or AUTH (MQTT 5 §3.14, §3.15), which have one shape.</summary>
internal readonly record struct MqttDisconnectPacket(
    MqttPacketType Type, byte ReasonCode = 0, MqttProperties? Properties = null);
