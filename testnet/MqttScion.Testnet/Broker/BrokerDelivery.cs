using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>A message on its way to one client.</summary>
internal sealed record BrokerDelivery(
    MqttApplicationMessage Message,
    MqttQualityOfServiceLevel QoS,
    bool Retain,
    IReadOnlyList<uint> SubscriptionIdentifiers,
    BrokerExpiry Expiry)
{
    /// <summary>The place among all deliveries to the client.</summary>
    public long Sequence { get; set; }

    /// <summary>The packet identifier of QoS 1 once it was sent, else 0.</summary>
    public ushort PacketId { get; set; }
}
