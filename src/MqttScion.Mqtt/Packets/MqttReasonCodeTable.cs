namespace MqttScion.Mqtt;

/// <summary>Which reason codes may stand in which packet: the last columns of the table in MQTT 5 §2.4.</summary>
internal static class MqttReasonCodeTable
{
    public const byte ContinueAuthentication = 0x18;
    public const byte ReAuthenticate = 0x19;

    public static bool IsAllowed(MqttPacketType type, byte code) => type switch
    {
        MqttPacketType.ConnAck => Enum.IsDefined((MqttClientConnectResultCode)code),
        MqttPacketType.PubAck or MqttPacketType.PubRec => code is 0x00 or 0x10 or 0x80 or 0x83 or 0x87 or 0x90 or 0x91
            or 0x97 or 0x99,
        MqttPacketType.PubRel or MqttPacketType.PubComp => code is 0x00 or 0x92,
        MqttPacketType.SubAck => Enum.IsDefined((MqttClientSubscribeResultCode)code),
        MqttPacketType.UnsubAck => Enum.IsDefined((MqttClientUnsubscribeResultCode)code),
        MqttPacketType.Disconnect => Enum.IsDefined((MqttDisconnectReasonCode)code),
        MqttPacketType.Auth => code is 0x00 or ContinueAuthentication or ReAuthenticate,
        _ => false,
    };
}
