namespace MqttScion.Mqtt;

/// <summary>The answer to one filter of an unsubscribe.</summary>
/// <param name="TopicFilter">The filter as asked for.</param>
/// <param name="ResultCode">Whether the subscription is gone.</param>
public sealed record MqttClientUnsubscribeResultItem(
    string TopicFilter, MqttClientUnsubscribeResultCode ResultCode)
{
    /// <summary>True when no subscription is left.</summary>
    public bool IsSuccess => (int)ResultCode < 0x80;
}
