using System.Text;

namespace MqttScion.Mqtt;

internal static partial class MqttPacketReader
{
    /// <summary>MQTT 5's protocol version number (§3.1.2.2).</summary>
    public const byte ProtocolVersion = 5;

    private const int UserNameFlag = 0x80;
    private const int PasswordFlag = 0x40;
    private const int WillRetainFlag = 0x20;
    private const int WillFlag = 0x04;
    private const int CleanStartFlag = 0x02;

    public static bool TryReadConnect(in MqttFrame frame, out MqttConnectPacket packet, out MqttReadFault fault)
    {
        var reader = Open(frame, flags: 0, "[MQTT-2.1.3-1]");
        var name = reader.ReadString();
        var version = reader.ReadByte();
        if (!reader.HasFailed && (name != "MQTT" || version != ProtocolVersion))
        {
            reader.Fail(new MqttReadFault(
                (MqttDisconnectReasonCode)MqttClientConnectResultCode.UnsupportedProtocolVersion,
                $"[MQTT-3.1.2-2] The protocol is '{name}' {version}; MQTT 5 is expected."));
        }
        var flags = reader.ReadByte();
        CheckConnectFlags(ref reader, flags);
        var keepAlive = reader.ReadUInt16();
        var properties = MqttProperties.Read(ref reader, MqttPropertyScope.Connect);
        var clientId = reader.ReadString();
        uint willDelay = 0;
        var will = (flags & WillFlag) == 0 ? null : ReadWill(ref reader, flags, out willDelay);
        packet = new MqttConnectPacket
        {
            ClientId = clientId,
            CleanStart = (flags & CleanStartFlag) != 0,
            KeepAliveSeconds = keepAlive,
            Properties = properties,
            Will = will,
            WillDelaySeconds = willDelay,
            UserName = (flags & UserNameFlag) == 0 ? null : reader.ReadString(),
            Password = (flags & PasswordFlag) == 0 ? null : reader.ReadBinary(),
        };
        return reader.TryEnd(out fault);
    }

    /// <summary>True for a CONNECT of MQTT 3.1 or 3.1.1, also of a bridge, which sets the highest bit.</summary>
    public static bool IsEarlierConnect(in MqttFrame frame)
    {
        const int BridgeFlag = 0x80;
        var reader = Open(frame, flags: 0, "[MQTT-2.1.3-1]");
        var name = reader.ReadString();
        var version = reader.ReadByte();
        return !reader.HasFailed && name is "MQTT" or "MQIsdp"
            && (version & ~BridgeFlag) is > 0 and < ProtocolVersion;
    }

    /// <summary>True for the CONNACK with which a server of MQTT 3.1.1 refuses (there §3.2): its return codes are none
    /// of MQTT 5, whose CONNACK is longer.</summary>
    private static bool IsEarlierConnAck(in MqttFrame frame) =>
        frame is { Flags: 0, Body: [0, >= 1 and <= 5] };

    private static MqttConnAckPacket EarlierConnAck(byte code)
    {
        var properties = new MqttProperties();
        var meaning = code switch
        {
            1 => "unacceptable protocol version",
            2 => "identifier rejected",
            3 => "server unavailable",
            4 => "bad user name or password",
            _ => "not authorized",
        };
        properties.Add(MqttPropertyId.ReasonString,
            $"The broker does not speak MQTT 5: it answered CONNECT with the CONNACK of MQTT 3.1.1, return code "
            + $"0x{code:x2} ({meaning}). Use a broker with MQTT 5, or enable it there.");
        return new MqttConnAckPacket(false, MqttClientConnectResultCode.UnsupportedProtocolVersion, properties);
    }

    private static void CheckConnectFlags(ref MqttSpanReader reader, byte flags)
    {
        if ((flags & 1) != 0)
        {
            reader.Malformed("[MQTT-3.1.2-3] The reserved connect flag is set.");
        }
        if ((flags >> 3 & 3) > MaximumQoS)
        {
            reader.Malformed("[MQTT-3.1.2-12] The will has QoS 3.");
        }
        if ((flags & WillFlag) == 0 && (flags & (WillRetainFlag | 0x18)) != 0)
        {
            reader.Malformed("[MQTT-3.1.2-11] Will flags are set without a will.");
        }
    }

    private static MqttApplicationMessage ReadWill(ref MqttSpanReader reader, byte flags, out uint delaySeconds)
    {
        var properties = MqttProperties.Read(ref reader, MqttPropertyScope.Will);
        var topic = reader.ReadUtf8();
        if (!reader.HasFailed)
        {
            CheckTopic(ref reader, topic, hasAlias: false);
        }
        var payload = reader.Take(reader.ReadUInt16());
        delaySeconds = properties?.Number(MqttPropertyId.WillDelayInterval) ?? 0;
        MqttMessageProperties.CheckResponseTopic(ref reader, properties);
        return MqttMessageProperties.ToMessage(Encoding.UTF8.GetString(topic), payload,
            (MqttQualityOfServiceLevel)(flags >> 3 & 3), (flags & WillRetainFlag) != 0, dup: false, topicAlias: 0,
            properties);
    }
}
