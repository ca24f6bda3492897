using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>A message that the broker took, shared by all its deliveries.</summary>
internal sealed class BrokerMessage(MqttApplicationMessage content, DateTimeOffset now)
{
    /// <summary>What a user property costs beside its characters.</summary>
    private const int PropertyOverheadBytes = 64;

    public MqttApplicationMessage Content { get; } = content;

    public BrokerExpiry Expiry { get; } = BrokerExpiry.From(content.MessageExpiryInterval, now);

    /// <summary>About the memory in bytes that it takes, for the limits of queues.</summary>
    public long CostBytes { get; } = CostOf(content);

    private static long CostOf(MqttApplicationMessage content)
    {
        var cost = (long)content.Payload.Length + content.Topic.Length + (content.CorrelationData?.Length ?? 0)
            + (content.ContentType?.Length ?? 0) + (content.ResponseTopic?.Length ?? 0);
        if (ReferenceEquals(content.UserProperties, Array.Empty<MqttUserProperty>()))
        {
            return cost;
        }
        foreach (var property in content.UserProperties)
        {
            cost += PropertyOverheadBytes + property.Name.Length + property.Value.Length;
        }
        return cost;
    }
}
