namespace MqttScion.Mqtt;

/// <summary>UNSUBSCRIBE (MQTT 5 §3.10).</summary>
internal readonly record struct MqttUnsubscribePacket(
    ushort PacketId, IReadOnlyList<string> Filters, MqttProperties? Properties = null);
