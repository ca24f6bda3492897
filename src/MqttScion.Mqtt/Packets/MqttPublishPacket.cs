namespace MqttScion.Mqtt;

/// <summary>PUBLISH (MQTT 5 §3.3): a message and what this one delivery of it sets.</summary>
internal readonly record struct MqttPublishPacket(MqttApplicationMessage Message)
{
    public ushort PacketId { get; init; }

    public MqttQualityOfServiceLevel QoS { get; init; } = Message.QualityOfServiceLevel;

    public bool Retain { get; init; } = Message.Retain;

    public bool Dup { get; init; }

    public ushort TopicAlias { get; init; } = Message.TopicAlias;

    /// <summary>True when the alias alone tells the topic.</summary>
    public bool IsTopicOmitted { get; init; }

    public uint? MessageExpiryInterval { get; init; } = Message.MessageExpiryInterval;

    public IReadOnlyList<uint> SubscriptionIdentifiers { get; init; } = [];
}
