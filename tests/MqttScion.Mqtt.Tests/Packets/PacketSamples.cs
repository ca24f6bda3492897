namespace MqttScion.Mqtt.Tests;

/// <summary>One rich packet of each type, with every property that may be in it, and the shortest forms.</summary>
internal static class PacketSamples
{
    public static IEnumerable<object> All()
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
        foreach (var packet in Publishes(message).Concat(Others()))
        {
            yield return packet;
        }
    }

    private static IEnumerable<object> Publishes(MqttApplicationMessage message)
    {
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
    }

    private static IEnumerable<object> Others()
    {
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
