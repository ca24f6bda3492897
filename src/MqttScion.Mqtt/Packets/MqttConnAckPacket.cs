namespace MqttScion.Mqtt;

/// <summary>CONNACK (MQTT 5 §3.2).</summary>
internal readonly record struct MqttConnAckPacket(
    bool IsSessionPresent, MqttClientConnectResultCode ReasonCode, MqttProperties? Properties = null);
