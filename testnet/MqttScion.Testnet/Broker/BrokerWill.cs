using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>What is published for a client that goes without saying so, and how long after.</summary>
internal sealed record BrokerWill(MqttApplicationMessage Message, TimeSpan Delay);
