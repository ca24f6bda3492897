namespace MqttScion.Mqtt;

/// <summary>The reason code of a DISCONNECT (MQTT 5 §3.14.2.1).</summary>
public enum MqttDisconnectReasonCode
{
    /// <summary>Normal end; the will message is not sent.</summary>
    NormalDisconnection = 0x00,

    /// <summary>Normal end, but the server should send the will message.</summary>
    DisconnectWithWillMessage = 0x04,

    /// <summary>The server gives no reason.</summary>
    UnspecifiedError = 0x80,

    /// <summary>A packet could not be parsed.</summary>
    MalformedPacket = 0x81,

    /// <summary>A packet broke the protocol, or came in the wrong state.</summary>
    ProtocolError = 0x82,

    /// <summary>Valid, but not accepted by the receiver.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>The client is not authorized to do this.</summary>
    NotAuthorized = 0x87,

    /// <summary>The server is busy; try again later.</summary>
    ServerBusy = 0x89,

    /// <summary>The server is shutting down.</summary>
    ServerShuttingDown = 0x8B,

    /// <summary>The authentication method is not supported, or not the one in use.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>No packet came within the keep-alive time.</summary>
    KeepAliveTimeout = 0x8D,

    /// <summary>Another connection uses the same client identifier.</summary>
    SessionTakenOver = 0x8E,

    /// <summary>The topic filter is well formed, but not accepted.</summary>
    TopicFilterInvalid = 0x8F,

    /// <summary>The topic name is well formed, but not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>The packet identifier is already in use.</summary>
    PacketIdentifierInUse = 0x91,

    /// <summary>The packet identifier is not known.</summary>
    PacketIdentifierNotFound = 0x92,

    /// <summary>More unacknowledged messages came than the Receive Maximum allows.</summary>
    ReceiveMaximumExceeded = 0x93,

    /// <summary>The topic alias is zero or above the advertised maximum.</summary>
    TopicAliasInvalid = 0x94,

    /// <summary>A packet is larger than the Maximum Packet Size.</summary>
    PacketTooLarge = 0x95,

    /// <summary>Messages come too fast.</summary>
    MessageRateTooHigh = 0x96,

    /// <summary>A limit set by the implementation or the administrator was exceeded.</summary>
    QuotaExceeded = 0x97,

    /// <summary>The connection was closed by an administrative action.</summary>
    AdministrativeAction = 0x98,

    /// <summary>The payload does not match the Payload Format Indicator.</summary>
    PayloadFormatInvalid = 0x99,

    /// <summary>The server does not support retained messages.</summary>
    RetainNotSupported = 0x9A,

    /// <summary>The QoS is above the server's Maximum QoS.</summary>
    QoSNotSupported = 0x9B,

    /// <summary>The client should use another server for now; see the Server Reference.</summary>
    UseAnotherServer = 0x9C,

    /// <summary>The client should use another server from now on; see the Server Reference.</summary>
    ServerMoved = 0x9D,

    /// <summary>The server does not support shared subscriptions.</summary>
    SharedSubscriptionsNotSupported = 0x9E,

    /// <summary>Connections come too fast.</summary>
    ConnectionRateExceeded = 0x9F,

    /// <summary>The maximum connect time of this client was exceeded.</summary>
    MaximumConnectTime = 0xA0,

    /// <summary>The server does not support subscription identifiers.</summary>
    SubscriptionIdentifiersNotSupported = 0xA1,

    /// <summary>The server does not support wildcards in filters.</summary>
    WildcardSubscriptionsNotSupported = 0xA2,
}
