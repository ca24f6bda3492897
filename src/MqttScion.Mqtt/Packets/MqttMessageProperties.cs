namespace MqttScion.Mqtt;

/// <summary>The properties that a message has in PUBLISH and as a will (MQTT 5 §3.1.3.2, §3.3.2.3).</summary>
internal static class MqttMessageProperties
{
    public static void Fill(MqttProperties properties, MqttApplicationMessage message, uint? messageExpiryInterval)
    {
        if (message.PayloadFormatIndicator != MqttPayloadFormatIndicator.Unspecified)
        {
            properties.Add(MqttPropertyId.PayloadFormatIndicator, (uint)message.PayloadFormatIndicator);
        }
        if (messageExpiryInterval is { } seconds)
        {
            properties.Add(MqttPropertyId.MessageExpiryInterval, seconds);
        }
        properties.Add(MqttPropertyId.ContentType, message.ContentType);
        properties.Add(MqttPropertyId.ResponseTopic, message.ResponseTopic);
        properties.Add(MqttPropertyId.CorrelationData, message.CorrelationData);
        properties.Add(message.UserProperties);
    }

    public static void Fill(MqttProperties properties, in MqttPublishPacket packet)
    {
        Fill(properties, packet.Message, packet.MessageExpiryInterval);
        if (packet.TopicAlias != 0)
        {
            properties.Add(MqttPropertyId.TopicAlias, packet.TopicAlias);
        }
        if (ReferenceEquals(packet.SubscriptionIdentifiers, Array.Empty<uint>()))
        {
            return;
        }
        for (var i = 0; i < packet.SubscriptionIdentifiers.Count; i++)
        {
            properties.Add(MqttPropertyId.SubscriptionIdentifier, packet.SubscriptionIdentifiers[i]);
        }
    }

    /// <summary>A response topic that is no topic name is a fault.</summary>
    public static void CheckResponseTopic(ref MqttSpanReader reader, MqttProperties? properties)
    {
        if (properties?.Text(MqttPropertyId.ResponseTopic) is { } responseTopic
            && !MqttTopic.TryValidateTopic(responseTopic, out _))
        {
            reader.ProtocolError($"[MQTT-3.3.2-14] The Response Topic '{responseTopic}' is not a topic name.");
        }
    }

    public static MqttApplicationMessage ToMessage(
        string topic, ReadOnlySpan<byte> payload, MqttQualityOfServiceLevel qos, bool retain, bool dup,
        ushort topicAlias, MqttProperties? properties)
    {
        return new MqttApplicationMessage
        {
            Topic = topic,
            Payload = payload.ToArray(),
            QualityOfServiceLevel = qos,
            Retain = retain,
            Dup = dup,
            ContentType = properties?.Text(MqttPropertyId.ContentType),
            ResponseTopic = properties?.Text(MqttPropertyId.ResponseTopic),
            CorrelationData = properties?.Binary(MqttPropertyId.CorrelationData),
            MessageExpiryInterval = properties?.Number(MqttPropertyId.MessageExpiryInterval),
            PayloadFormatIndicator =
                (MqttPayloadFormatIndicator)(properties?.Number(MqttPropertyId.PayloadFormatIndicator) ?? 0),
            TopicAlias = topicAlias,
            UserProperties = properties?.UserProperties ?? [],
            SubscriptionIdentifiers = properties?.SubscriptionIdentifiers ?? [],
        };
    }
}
