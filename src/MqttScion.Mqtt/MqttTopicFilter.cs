namespace MqttScion.Mqtt;

/// <summary>A topic filter and the options of its subscription (MQTT 5 §3.8.3). Equal when all members are
/// equal.</summary>
public sealed record MqttTopicFilter
{
    /// <summary>The filter; may hold the wildcards <c>+</c> and <c>#</c> and the prefix <c>$share/group/</c>.</summary>
    public string Topic { get; init; } = "";

    /// <summary>The highest QoS that messages are delivered with. Default: at least once.</summary>
    public MqttQualityOfServiceLevel QualityOfServiceLevel { get; init; } = MqttQualityOfServiceLevel.AtLeastOnce;

    /// <summary>True: the server does not send back what this client itself published.</summary>
    public bool NoLocal { get; init; }

    /// <summary>True: the RETAIN flag comes as it was published; false: it is set on retained messages only.</summary>
    public bool RetainAsPublished { get; init; }

    /// <summary>When retained messages are sent.</summary>
    public MqttRetainHandling RetainHandling { get; init; }

    /// <summary>Makes a filter with default options: at least once.</summary>
    public static implicit operator MqttTopicFilter(string topic) => FromString(topic);

    /// <summary>Makes a filter with default options: at least once.</summary>
    public static MqttTopicFilter FromString(string topic) => new() { Topic = topic };

    /// <inheritdoc/>
    public override string ToString() => $"{Topic} (QoS {(int)QualityOfServiceLevel})";
}
