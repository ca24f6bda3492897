namespace MqttScion.Mqtt;

/// <summary>SUBSCRIBE (MQTT 5 §3.8).</summary>
internal readonly record struct MqttSubscribePacket(
    ushort PacketId, IReadOnlyList<MqttTopicFilter> Filters, MqttProperties? Properties = null);
