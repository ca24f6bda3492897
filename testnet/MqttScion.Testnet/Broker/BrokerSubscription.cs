using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>A subscription of one client, with the QoS that was granted.</summary>
internal sealed record BrokerSubscription(
    BrokerSession Session, MqttTopicFilter Filter, MqttQualityOfServiceLevel QoS, uint? Identifier)
{
    public IReadOnlyList<uint> Identifiers { get; } = Identifier is { } identifier ? [identifier] : [];

    /// <summary>The group of a shared subscription; set when it is put into the tree.</summary>
    public BrokerShareGroup? Share { get; set; }

    /// <summary>False for a client's own message when it wants none of those [MQTT-3.8.3-3].</summary>
    public bool Wants(string? publisherId) => !Filter.NoLocal || publisherId != Session.ClientId;
}
