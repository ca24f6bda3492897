namespace MqttScion.Mqtt;

/// <summary>The reason code of a CONNACK (MQTT 5 §3.2.2.2).</summary>
public enum MqttClientConnectResultCode
{
    /// <summary>The connection is accepted.</summary>
    Success = 0x00,

    /// <summary>The server gives no reason.</summary>
    UnspecifiedError = 0x80,

    /// <summary>A packet could not be parsed.</summary>
    MalformedPacket = 0x81,

    /// <summary>A packet broke the protocol, or came in the wrong state.</summary>
    ProtocolError = 0x82,

    /// <summary>Valid, but not accepted by the receiver.</summary>
    ImplementationSpecificError = 0x83,

    /// <summary>The server does not speak MQTT 5.</summary>
    UnsupportedProtocolVersion = 0x84,

    /// <summary>The client identifier is valid MQTT, but not allowed by the server.</summary>
    ClientIdentifierNotValid = 0x85,

    /// <summary>The user name or the password was refused.</summary>
    BadUserNameOrPassword = 0x86,

    /// <summary>The client is not authorized to do this.</summary>
    NotAuthorized = 0x87,

    /// <summary>The MQTT server is not available.</summary>
    ServerUnavailable = 0x88,

    /// <summary>The server is busy; try again later.</summary>
    ServerBusy = 0x89,

    /// <summary>The client was banned by the operator.</summary>
    Banned = 0x8A,

    /// <summary>The authentication method is not supported, or not the one in use.</summary>
    BadAuthenticationMethod = 0x8C,

    /// <summary>The topic name is well formed, but not accepted.</summary>
    TopicNameInvalid = 0x90,

    /// <summary>A packet is larger than the Maximum Packet Size.</summary>
    PacketTooLarge = 0x95,

    /// <summary>A limit set by the implementation or the administrator was exceeded.</summary>
    QuotaExceeded = 0x97,

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

    /// <summary>Connections come too fast.</summary>
    ConnectionRateExceeded = 0x9F,
}
