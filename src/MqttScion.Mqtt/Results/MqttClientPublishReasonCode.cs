namespace MqttScion.Mqtt;

/// <summary>How a publish ended: the reason code of PUBACK, PUBREC or PUBCOMP (MQTT 5 §3.4.2.1), or a local
/// refusal.</summary>
/// <remarks>A server never sends the codes marked local; the session completes with them a publish that the server's
/// CONNACK forbids.</remarks>
public enum MqttClientPublishReasonCode
{
    /// <summary>Accepted.</summary>
    Success = 0x00,

    /// <summary>Accepted, but nobody is subscribed to the topic.</summary>
    NoMatchingSubscribers = 0x10,

    /// <summary>The server gives no reason.</summary>
    UnspecifiedError = 0x80,

    /// <summary>Valid, but not accepted by the receiver.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>The client is not authorized to do this.</summary>
    NotAuthorized = 0x87,

    /// <summary>The topic name is well formed, but not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is already in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>The packet identifier is not known.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>Local only: the topic alias is above the server's maximum [MQTT-3.2.2-17].</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>Local only: the packet is above the server's Maximum Packet Size [MQTT-3.2.2-15].</summary>
    PacketTooLarge = 0x95,

    /// <summary>A limit set by the implementation or the administrator was exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>The payload does not match the Payload Format Indicator.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>Local only: the server does not support retained messages [MQTT-3.2.2-14].</summary>
    RetainNotSupported = 0x9A,

    /// <summary>Local only: the QoS is above the server's Maximum QoS [MQTT-3.2.2-11].</summary>
    QoSNotSupported = 0x9B,

    /// <summary>Local only: the message's lifetime was over before it could be sent. Not a code of MQTT.</summary>
    MessageExpired = 0x100,

    /// <summary>Local only: the message had to make room in a full outbox, or found none. Not a code of MQTT.</summary>
    OutboxFull = 0x101,
}
