namespace MqttScion.Mqtt;

/// <summary>A name and a value that travel with a packet (MQTT 5 §3.1.2.11.8); names may repeat.</summary>
/// <param name="Name">The name, at most 65,535 bytes of UTF-8.</param>
/// <param name="Value">The value, at most 65,535 bytes of UTF-8.</param>
public readonly record struct MqttUserProperty(string Name, string Value);
