using System.Buffers;

namespace MqttScion.Mqtt.Tests;

/// <summary>Reads and writes packets of any type as objects.</summary>
internal static class AnyPacket
{
    public static bool TryRead(in MqttFrame frame, out object packet, out MqttReadFault fault)
    {
        bool isRead;
        switch (frame.Type)
        {
            case MqttPacketType.Connect:
                isRead = MqttPacketReader.TryReadConnect(frame, out var connect, out fault);
                packet = connect;
                break;
            case MqttPacketType.ConnAck:
                isRead = MqttPacketReader.TryReadConnAck(frame, out var connAck, out fault);
                packet = connAck;
                break;
            case MqttPacketType.Publish:
                isRead = MqttPacketReader.TryReadPublish(frame, out var publish, out fault);
                packet = publish;
                break;
            case MqttPacketType.Subscribe:
                isRead = MqttPacketReader.TryReadSubscribe(frame, out var subscribe, out fault);
                packet = subscribe;
                break;
            case MqttPacketType.Unsubscribe:
                isRead = MqttPacketReader.TryReadUnsubscribe(frame, out var unsubscribe, out fault);
                packet = unsubscribe;
                break;
            case MqttPacketType.SubAck or MqttPacketType.UnsubAck:
                isRead = MqttPacketReader.TryReadSubAck(frame, out var subAck, out fault);
                packet = subAck;
                break;
            case MqttPacketType.PingReq or MqttPacketType.PingResp:
                isRead = MqttPacketReader.TryReadPing(frame, out fault);
                packet = frame.Type;
                break;
            case MqttPacketType.Disconnect or MqttPacketType.Auth:
                isRead = MqttPacketReader.TryReadDisconnect(frame, out var disconnect, out fault);
                packet = disconnect;
                break;
            default:
                isRead = MqttPacketReader.TryReadAck(frame, out var ack, out fault);
                packet = ack;
                break;
        }
        return isRead;
    }

    public static byte[] Write(object packet)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MqttPacketWriter();
        switch (packet)
        {
            case MqttConnectPacket connect:
                writer.Write(output, connect);
                break;
            case MqttConnAckPacket connAck:
                writer.Write(output, connAck);
                break;
            case MqttPublishPacket publish:
                writer.Write(output, publish);
                break;
            case MqttAckPacket ack:
                writer.Write(output, ack);
                break;
            case MqttSubscribePacket subscribe:
                writer.Write(output, subscribe);
                break;
            case MqttUnsubscribePacket unsubscribe:
                writer.Write(output, unsubscribe);
                break;
            case MqttSubAckPacket subAck:
                writer.Write(output, subAck);
                break;
            case MqttDisconnectPacket disconnect:
                writer.Write(output, disconnect);
                break;
            case MqttPacketType type:
                MqttPacketWriter.WritePing(output, type);
                break;
            default:
                throw new ArgumentException($"{packet} is no packet.", nameof(packet));
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads the one packet that the bytes are.</summary>
    public static object Read(byte[] bytes)
    {
        MqttFrame.TryRead(bytes, int.MaxValue, out var frame, out var lengthBytes, out var fault)
            .Should().Be(MqttFrameStatus.Packet, fault.Reason);
        lengthBytes.Should().Be(bytes.Length);
        TryRead(frame, out var packet, out fault).Should().BeTrue(fault.Reason);
        return packet;
    }

    /// <summary>One rich packet of each type, with every property that may be in it.</summary>
    public static IEnumerable<object> Samples()
    {
        MqttUserProperty[] user = [new("k", "v"), new("k", "wü😀"), new("", "")];
        var message = new MqttApplicationMessage
        {
            Topic = "a/b",
            Payload = new byte[] { 1, 2, 3 },
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = true,
            ContentType = "text/plain",
            ResponseTopic = "r",
            CorrelationData = [9, 0],
            MessageExpiryInterval = 60,
            PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
            UserProperties = user,
        };
        yield return new MqttConnectPacket();
        yield return new MqttConnectPacket
        {
            ClientId = "c",
            CleanStart = true,
            KeepAliveSeconds = 15,
            UserName = "u",
            Password = [1, 2],
            Will = message,
            WillDelaySeconds = 3,
            Properties = Everything(MqttPropertyScope.Connect),
        };
        yield return new MqttConnAckPacket(true, 0, Everything(MqttPropertyScope.ConnAck));
        yield return new MqttConnAckPacket(false, MqttClientConnectResultCode.Banned);
        yield return new MqttPublishPacket(new MqttApplicationMessage { Topic = "t" });
        yield return new MqttPublishPacket(message)
        {
            PacketId = 7,
            Dup = true,
            TopicAlias = 2,
            SubscriptionIdentifiers = [1, 268_435_455],
        };
        yield return new MqttPublishPacket(new MqttApplicationMessage { Topic = "t", Payload = new byte[70_000] })
        {
            QoS = MqttQualityOfServiceLevel.ExactlyOnce,
            PacketId = ushort.MaxValue,
        };
        for (var type = MqttPacketType.PubAck; type <= MqttPacketType.PubComp; type++)
        {
            yield return new MqttAckPacket(type, 1);
            yield return new MqttAckPacket(type, 258, type < MqttPacketType.PubRel ? (byte)0x97 : (byte)0x92,
                Everything(MqttPropertyScope.PubAcks));
        }
        MqttTopicFilter plain = "a";
        var rich = new MqttTopicFilter
        {
            Topic = "+/#",
            QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            NoLocal = true,
            RetainAsPublished = true,
            RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe,
        };
        yield return new MqttSubscribePacket(1, [plain]);
        yield return new MqttSubscribePacket(2, [rich, plain], Everything(MqttPropertyScope.Subscribe));
        yield return new MqttSubAckPacket(MqttPacketType.SubAck, 3, [0, 1, 2, 0x80],
            Everything(MqttPropertyScope.SubAcks));
        yield return new MqttUnsubscribePacket(4, ["a/#", "b"], Everything(MqttPropertyScope.Unsubscribe));
        yield return new MqttSubAckPacket(MqttPacketType.UnsubAck, 5, [0x00, 0x11, 0x87]);
        yield return MqttPacketType.PingReq;
        yield return MqttPacketType.PingResp;
        yield return new MqttDisconnectPacket(MqttPacketType.Disconnect);
        yield return new MqttDisconnectPacket(MqttPacketType.Disconnect, 0x8e);
        yield return new MqttDisconnectPacket(MqttPacketType.Disconnect, 0, Everything(MqttPropertyScope.Disconnect));
        yield return new MqttDisconnectPacket(MqttPacketType.Auth);
        yield return new MqttDisconnectPacket(MqttPacketType.Auth, 0x18, Everything(MqttPropertyScope.Auth));
    }

    private static MqttProperties Everything(MqttPropertyScope scope)
    {
        var properties = new MqttProperties();
        for (var id = MqttPropertyId.PayloadFormatIndicator; id <= MqttPropertyId.SharedSubscriptionAvailable; id++)
        {
            var kind = MqttPropertyTable.KindOf(id);
            if (kind == MqttPropertyKind.Unknown || (MqttPropertyTable.ScopeOf(id) & scope) == 0)
            {
                continue;
            }
            switch (kind)
            {
                case MqttPropertyKind.Text:
                    properties.Add(id, $"text of {id} ü");
                    break;
                case MqttPropertyKind.Binary:
                    properties.Add(id, [0, 255]);
                    break;
                case MqttPropertyKind.TextPair:
                    properties.Add([new MqttUserProperty("n", "1"), new MqttUserProperty("n", "2")]);
                    break;
                default:
                    properties.Add(id, kind == MqttPropertyKind.Bool ? 1u : 300u);
                    break;
            }
        }
        return properties;
    }
}
