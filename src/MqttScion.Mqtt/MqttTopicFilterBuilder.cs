namespace MqttScion.Mqtt;

/// <summary>Builds an <see cref="MqttTopicFilter"/> step by step; what is not said is as there: at least once. Not
/// thread-safe.</summary>
public sealed class MqttTopicFilterBuilder
{
    private MqttTopicFilter _filter = new();

    /// <summary>Sets the filter.</summary>
    public MqttTopicFilterBuilder WithTopic(string topic) => Set(_filter with { Topic = topic });

    /// <summary>Sets the highest QoS that messages are delivered with.</summary>
    public MqttTopicFilterBuilder WithQualityOfServiceLevel(MqttQualityOfServiceLevel level) =>
        Set(_filter with { QualityOfServiceLevel = level });

    /// <summary>Sets QoS 0.</summary>
    public MqttTopicFilterBuilder WithAtMostOnceQoS() =>
        WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtMostOnce);

    /// <summary>Sets QoS 1.</summary>
    public MqttTopicFilterBuilder WithAtLeastOnceQoS() =>
        WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);

    /// <summary>Sets QoS 2.</summary>
    public MqttTopicFilterBuilder WithExactlyOnceQoS() =>
        WithQualityOfServiceLevel(MqttQualityOfServiceLevel.ExactlyOnce);

    /// <summary>Says that the server must not send back what this client itself published.</summary>
    public MqttTopicFilterBuilder WithNoLocal(bool value = true) => Set(_filter with { NoLocal = value });

    /// <summary>Says that the RETAIN flag should come as it was published.</summary>
    public MqttTopicFilterBuilder WithRetainAsPublished(bool value = true) =>
        Set(_filter with { RetainAsPublished = value });

    /// <summary>Says when retained messages are sent.</summary>
    public MqttTopicFilterBuilder WithRetainHandling(MqttRetainHandling value) =>
        Set(_filter with { RetainHandling = value });

    /// <summary>Makes the filter.</summary>
    /// <exception cref="InvalidOperationException">The topic is not a topic filter; the text names the
    /// rule.</exception>
    public MqttTopicFilter Build() =>
        MqttTopic.TryValidateFilter(_filter.Topic, out var error)
            ? _filter
            : throw new InvalidOperationException(error);

    private MqttTopicFilterBuilder Set(MqttTopicFilter filter)
    {
        _filter = filter;
        return this;
    }
}
