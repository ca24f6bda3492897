using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>A PUBLISH or PUBREL that is to be written now.</summary>
internal readonly record struct BrokerOutgoing(
    BrokerDelivery Delivery, ushort PacketId, bool IsRelease, bool IsDup, uint? SecondsLeft)
{
    /// <summary>About what a packet takes beside its message.</summary>
    public const int OverheadBytes = 16;

    public MqttPublishPacket ToPacket() => new(Delivery.Message.Content)
    {
        QoS = Delivery.QoS,
        Retain = Delivery.Retain,
        Dup = IsDup,
        PacketId = PacketId,
        TopicAlias = 0,
        MessageExpiryInterval = SecondsLeft,
        SubscriptionIdentifiers = Delivery.SubscriptionIdentifiers,
    };
}
