using System.Text;

namespace MqttScion.Mqtt;

/// <summary>Bytes to packets: one method for each shape. No method throws, whatever the bytes are.</summary>
/// <remarks>The caller has looked at <see cref="MqttFrame.Type"/> and calls the method for that type.</remarks>
internal static partial class MqttPacketReader
{
    private const byte MaximumQoS = 2;

    public static bool TryReadConnAck(in MqttFrame frame, out MqttConnAckPacket packet, out MqttReadFault fault)
    {
        if (IsEarlierConnAck(frame))
        {
            packet = EarlierConnAck(frame.Body[1]);
            fault = default;
            return true;
        }
        var reader = Open(frame, flags: 0, "[MQTT-2.1.3-1]");
        var flags = reader.ReadByte();
        if (flags > 1)
        {
            reader.Malformed("[MQTT-3.2.2-1] A reserved bit of the acknowledge flags is set.");
        }
        var code = ReadReasonCode(ref reader, MqttPacketType.ConnAck);
        packet = new MqttConnAckPacket(flags == 1, (MqttClientConnectResultCode)code,
            MqttProperties.Read(ref reader, MqttPropertyScope.ConnAck));
        if (flags == 1 && code != 0)
        {
            reader.ProtocolError("[MQTT-3.2.2-6] Session Present came with an error.");
        }
        return reader.TryEnd(out fault);
    }

    public static bool TryReadPublish(in MqttFrame frame, out MqttPublishPacket packet, out MqttReadFault fault)
    {
        packet = default;
        if (!TryReadPublishView(frame, out var view, out fault))
        {
            return false;
        }
        var message = view.ToMessage(Encoding.UTF8.GetString(view.Topic), view.TopicAlias);
        packet = new MqttPublishPacket(message)
        {
            PacketId = view.PacketId,
            Dup = view.Dup,
            SubscriptionIdentifiers = message.SubscriptionIdentifiers,
        };
        return true;
    }

    /// <summary>Reads a PUBLISH without copying it; one that has no properties without any allocation.</summary>
    public static bool TryReadPublishView(in MqttFrame frame, out MqttPublishView view, out MqttReadFault fault)
    {
        var reader = new MqttSpanReader(frame.Body);
        var qos = frame.Flags >> 1 & 3;
        var dup = (frame.Flags & 8) != 0;
        if (qos > MaximumQoS)
        {
            reader.Malformed("[MQTT-3.3.1-4] Both QoS bits are set.");
        }
        if (qos == 0 && dup)
        {
            reader.ProtocolError("[MQTT-3.3.1-2] DUP is set with QoS 0.");
        }
        var topic = reader.ReadUtf8();
        var packetId = qos == 0 ? (ushort)0 : ReadPacketId(ref reader);
        var properties = MqttProperties.Read(ref reader, MqttPropertyScope.Publish);
        var alias = (ushort)(properties?.Number(MqttPropertyId.TopicAlias) ?? 0);
        if (!reader.HasFailed)
        {
            CheckTopic(ref reader, topic, hasAlias: alias != 0);
        }
        if (properties is not null)
        {
            MqttMessageProperties.CheckResponseTopic(ref reader, properties);
        }
        view = new MqttPublishView
        {
            Topic = topic,
            Payload = reader.ReadRest(),
            Properties = properties,
            PacketId = packetId,
            TopicAlias = alias,
            QoS = (MqttQualityOfServiceLevel)qos,
            Retain = (frame.Flags & 1) != 0,
            Dup = dup,
        };
        return reader.TryEnd(out fault);
    }

    /// <summary>Reads PUBACK, PUBREC, PUBREL or PUBCOMP.</summary>
    public static bool TryReadAck(in MqttFrame frame, out MqttAckPacket packet, out MqttReadFault fault)
    {
        var reader = frame.Type == MqttPacketType.PubRel
            ? Open(frame, flags: 2, "[MQTT-3.6.1-1]")
            : Open(frame, flags: 0, "[MQTT-2.1.3-1]");
        var packetId = ReadPacketId(ref reader);
        // §3.4.2.1: The reason code and the properties may be left out at the end.
        var code = reader.HasMore ? ReadReasonCode(ref reader, frame.Type) : (byte)0;
        var properties = reader.HasMore ? MqttProperties.Read(ref reader, MqttPropertyScope.PubAcks) : null;
        packet = new MqttAckPacket(frame.Type, packetId, code, properties);
        return reader.TryEnd(out fault);
    }

    public static bool TryReadSubscribe(in MqttFrame frame, out MqttSubscribePacket packet, out MqttReadFault fault)
    {
        var reader = Open(frame, flags: 2, "[MQTT-3.8.1-1]");
        var packetId = ReadPacketId(ref reader);
        var properties = MqttProperties.Read(ref reader, MqttPropertyScope.Subscribe);
        var filters = new List<MqttTopicFilter>();
        if (!reader.HasMore)
        {
            reader.ProtocolError("[MQTT-3.8.3-2] SUBSCRIBE holds no topic filter.");
        }
        while (reader.HasMore)
        {
            filters.Add(ReadFilter(ref reader));
        }
        packet = new MqttSubscribePacket(packetId, filters, properties);
        return reader.TryEnd(out fault);
    }

    public static bool TryReadUnsubscribe(
        in MqttFrame frame, out MqttUnsubscribePacket packet, out MqttReadFault fault)
    {
        var reader = Open(frame, flags: 2, "[MQTT-3.10.1-1]");
        var packetId = ReadPacketId(ref reader);
        var properties = MqttProperties.Read(ref reader, MqttPropertyScope.Unsubscribe);
        var filters = new List<string>();
        if (!reader.HasMore)
        {
            reader.ProtocolError("[MQTT-3.10.3-2] UNSUBSCRIBE holds no topic filter.");
        }
        while (reader.HasMore)
        {
            filters.Add(ReadFilterText(ref reader));
        }
        packet = new MqttUnsubscribePacket(packetId, filters, properties);
        return reader.TryEnd(out fault);
    }

    /// <summary>Reads SUBACK or UNSUBACK.</summary>
    public static bool TryReadSubAck(in MqttFrame frame, out MqttSubAckPacket packet, out MqttReadFault fault)
    {
        var reader = Open(frame, flags: 0, "[MQTT-2.1.3-1]");
        var packetId = ReadPacketId(ref reader);
        var properties = MqttProperties.Read(ref reader, MqttPropertyScope.SubAcks);
        var codes = reader.ReadRest().ToArray();
        foreach (var code in codes)
        {
            CheckReasonCode(ref reader, frame.Type, code);
        }
        packet = new MqttSubAckPacket(frame.Type, packetId, codes, properties);
        return reader.TryEnd(out fault);
    }

    /// <summary>Reads PINGREQ or PINGRESP, which are empty.</summary>
    public static bool TryReadPing(in MqttFrame frame, out MqttReadFault fault) =>
        Open(frame, flags: 0, "[MQTT-2.1.3-1]").TryEnd(out fault);

    /// <summary>Reads DISCONNECT or AUTH.</summary>
    public static bool TryReadDisconnect(in MqttFrame frame, out MqttDisconnectPacket packet, out MqttReadFault fault)
    {
        var isAuth = frame.Type == MqttPacketType.Auth;
        var reader = Open(frame, flags: 0, isAuth ? "[MQTT-3.15.1-1]" : "[MQTT-3.14.1-1]");
        // §3.14.2.1, §3.15.2.1: Both fields may be left out; of AUTH both together only.
        var code = reader.HasMore ? ReadReasonCode(ref reader, frame.Type) : (byte)0;
        var scope = isAuth ? MqttPropertyScope.Auth : MqttPropertyScope.Disconnect;
        var properties = reader.HasMore ? MqttProperties.Read(ref reader, scope) : null;
        if (isAuth && frame.Body.Length == 1)
        {
            reader.Malformed("§3.15.2.2.1: AUTH has a reason code but no property length.");
        }
        packet = new MqttDisconnectPacket(frame.Type, code, properties);
        return reader.TryEnd(out fault);
    }

    private static MqttSpanReader Open(in MqttFrame frame, int flags, string rule)
    {
        var reader = new MqttSpanReader(frame.Body);
        if (frame.Flags != flags)
        {
            reader.Malformed($"{rule} The flags of {frame.Type} are {frame.Flags}; {flags} is reserved.");
        }
        return reader;
    }

    private static ushort ReadPacketId(ref MqttSpanReader reader)
    {
        var packetId = reader.ReadUInt16();
        if (packetId == 0)
        {
            reader.ProtocolError("[MQTT-2.2.1-3] The packet identifier is 0.");
        }
        return packetId;
    }

    private static byte ReadReasonCode(ref MqttSpanReader reader, MqttPacketType type)
    {
        var code = reader.ReadByte();
        CheckReasonCode(ref reader, type, code);
        return code;
    }

    private static void CheckReasonCode(ref MqttSpanReader reader, MqttPacketType type, byte code)
    {
        if (!MqttReasonCodeTable.IsAllowed(type, code))
        {
            reader.ProtocolError($"§2.4: Reason code 0x{code:X2} is not allowed in {type}.");
        }
    }

    private static void CheckTopic(ref MqttSpanReader reader, ReadOnlySpan<byte> topic, bool hasAlias)
    {
        if (topic.IsEmpty && !hasAlias)
        {
            reader.ProtocolError("§3.3.2.1: The topic name is empty and there is no topic alias.");
        }
        else if (topic.IndexOfAny((byte)'+', (byte)'#') >= 0)
        {
            _ = MqttTopic.TryValidateTopic(Encoding.UTF8.GetString(topic), out var error);
            reader.Fail(new MqttReadFault(MqttDisconnectReasonCode.TopicNameInvalid, error!));
        }
    }

    private static MqttTopicFilter ReadFilter(ref MqttSpanReader reader)
    {
        var topic = ReadFilterText(ref reader);
        var options = reader.ReadByte();
        var qos = options & 3;
        var retainHandling = options >> 4 & 3;
        var noLocal = (options & 4) != 0;
        if (options >> 6 != 0)
        {
            reader.Malformed("[MQTT-3.8.3-5] A reserved bit of the subscription options is set.");
        }
        if (qos > MaximumQoS)
        {
            reader.ProtocolError("§3.8.3.1: A subscription asks for QoS 3.");
        }
        if (retainHandling > (int)MqttRetainHandling.DoNotSendOnSubscribe)
        {
            reader.ProtocolError("§3.8.3.1: A subscription asks for Retain Handling 3.");
        }
        if (noLocal && MqttTopic.IsShared(topic))
        {
            reader.ProtocolError("[MQTT-3.8.3-4] No Local is set on a shared subscription.");
        }
        return new MqttTopicFilter
        {
            Topic = topic,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            NoLocal = noLocal,
            RetainAsPublished = (options & 8) != 0,
            RetainHandling = (MqttRetainHandling)retainHandling,
        };
    }

    private static string ReadFilterText(ref MqttSpanReader reader)
    {
        var filter = reader.ReadString();
        if (!reader.HasFailed && !MqttTopic.TryValidateFilter(filter, out var error))
        {
            reader.Fail(new MqttReadFault(MqttDisconnectReasonCode.TopicFilterInvalid, error));
        }
        return filter;
    }
}
