namespace MqttScion.Mqtt;

/// <summary>A PUBLISH that was read and checked, but not copied. Valid while its frame is.</summary>
internal readonly ref struct MqttPublishView
{
    /// <summary>The topic name, checked, as UTF-8; empty when only the alias came.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    public MqttProperties? Properties { get; init; }

    /// <summary>0 of QoS 0.</summary>
    public ushort PacketId { get; init; }

    /// <summary>0 when absent.</summary>
    public ushort TopicAlias { get; init; }

    public MqttQualityOfServiceLevel QoS { get; init; }

    public bool Retain { get; init; }

    public bool Dup { get; init; }

    /// <summary>Copies it into a message with this topic, which the alias may have told.</summary>
    public MqttApplicationMessage ToMessage(string topic, ushort topicAlias) =>
        MqttMessageProperties.ToMessage(topic, Payload, QoS, Retain, Dup, topicAlias, Properties);
}
