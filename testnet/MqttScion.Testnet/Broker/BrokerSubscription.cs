using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>A subscription of one client, with the QoS that was granted.</summary>
internal sealed record BrokerSubscription(MqttTopicFilter Filter, MqttQualityOfServiceLevel QoS, uint? Identifier);
