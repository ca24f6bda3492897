namespace MqttScion.Mqtt;

/// <summary>The answer to one topic filter of a SUBSCRIBE (MQTT 5 §3.9.3).</summary>
public enum MqttClientSubscribeResultCode
{
    /// <summary>Granted, messages come with QoS 0.</summary>
    GrantedQoS0 = 0x00,

    /// <summary>Granted, messages come with QoS 1 at most.</summary>
    GrantedQoS1 = 0x01,

    /// <summary>Granted, messages come with QoS 2 at most.</summary>
    GrantedQoS2 = 0x02,

    /// <summary>The server gives no reason.</summary>
    UnspecifiedError = 0x80,

    /// <summary>Valid, but not accepted by the receiver.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>The client is not authorized to do this.</summary>
    NotAuthorized = 0x87,

    /// <summary>The topic filter is well formed, but not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The packet identifier is already in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>A limit set by the implementation or the administrator was exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>The server does not support shared subscriptions.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>The server does not support subscription identifiers.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>The server does not support wildcards in filters.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
