namespace MqttScion.Mqtt;

/// <summary>The answer to one topic filter of an UNSUBSCRIBE (MQTT 5 §3.11.3).</summary>
public enum MqttClientUnsubscribeResultCode
{
    /// <summary>Accepted.</summary>
    Success = 0x00,

    /// <summary>The client had no such subscription.</summary>
    NoSubscriptionExisted = 0x11,

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
}
