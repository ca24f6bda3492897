namespace MqttScion.Mqtt;

/// <summary>The answer to one filter of a subscribe.</summary>
/// <param name="TopicFilter">The filter as asked for.</param>
/// <param name="ResultCode">The granted QoS, or why there is no subscription.</param>
public sealed record MqttClientSubscribeResultItem(
    MqttTopicFilter TopicFilter, MqttClientSubscribeResultCode ResultCode)
{
    /// <summary>True when the filter was granted.</summary>
    public bool IsSuccess => (int)ResultCode < 0x80;
}
