using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>A message on its way to one client.</summary>
/// <remarks>The router makes it; once it is in an outbox, only the outbox changes it.</remarks>
internal sealed class BrokerDelivery(BrokerMessage message, MqttQualityOfServiceLevel qos, bool retain)
{
    public BrokerMessage Message { get; } = message;

    public MqttQualityOfServiceLevel QoS { get; private set; } = qos;

    public bool Retain { get; private set; } = retain;

    public IReadOnlyList<uint> SubscriptionIdentifiers { get; private set; } = [];

    /// <summary>The group that it came through; null for a subscription of the client's own.</summary>
    public BrokerShareGroup? Share { get; init; }

    /// <summary>The place among the packets to the client: of the message, and from PUBREC on of its
    /// PUBREL.</summary>
    public long Sequence { get; set; }

    /// <summary>The packet identifier of QoS 1 and 2 once it was sent, else 0.</summary>
    public ushort PacketId { get; set; }

    /// <summary>True once it was sent on the connection that is open now.</summary>
    public bool IsSent { get; set; }

    /// <summary>True for QoS 2 once PUBREC came: PUBREL is what is sent again.</summary>
    public bool IsReleased { get; set; }

    /// <summary>True once nothing more is to be sent or to come.</summary>
    public bool IsDone { get; set; }

    /// <summary>What one subscription makes of a message.</summary>
    public static BrokerDelivery Of(BrokerMessage message, BrokerSubscription subscription, bool isRetained = false) =>
        new(message, Lower(subscription.QoS, message.Content.QualityOfServiceLevel),
            isRetained || (message.Content.Retain && subscription.Filter.RetainAsPublished))
        {
            SubscriptionIdentifiers = subscription.Identifiers,
            Share = subscription.Share,
        };

    /// <summary>Makes one copy serve a further subscription of the same client.</summary>
    public void Merge(BrokerSubscription subscription)
    {
        var qos = Lower(subscription.QoS, Message.Content.QualityOfServiceLevel);
        QoS = QoS > qos ? QoS : qos;
        Retain |= Message.Content.Retain && subscription.Filter.RetainAsPublished;
        if (subscription.Identifiers.Count > 0)
        {
            SubscriptionIdentifiers = [.. SubscriptionIdentifiers, .. subscription.Identifiers];
        }
    }

    private static MqttQualityOfServiceLevel Lower(MqttQualityOfServiceLevel a, MqttQualityOfServiceLevel b) =>
        a < b ? a : b;
}
