using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>What the broker knows of a client identifier; outlives a connection when the client asked for it.</summary>
/// <remarks>Subscriptions, connection and expiry are guarded by the router's lock.</remarks>
internal sealed class BrokerSession(string clientId, PocketBrokerOptions options, BrokerCounters counters)
{
    public string ClientId { get; } = clientId;

    public BrokerOutbox Outbox { get; } = new(options, counters);

    public Dictionary<string, BrokerSubscription> Subscriptions { get; } = [];

    /// <summary>The connection; null while the client is away.</summary>
    public BrokerConnection? Connection { get; set; }

    /// <summary>When the session ends after the connection did; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public bool IsOver(DateTimeOffset now) => Connection is null && ExpiresAt <= now;

    /// <summary>Makes one delivery of all subscriptions that match, or null when none does.</summary>
    public BrokerDelivery? Match(MqttApplicationMessage message, string? publisherId, BrokerExpiry expiry)
    {
        List<uint>? identifiers = null;
        var isMatch = false;
        var retain = false;
        var granted = MqttQualityOfServiceLevel.AtMostOnce;
        foreach (var subscription in Subscriptions.Values)
        {
            var isOwn = subscription.Filter.NoLocal && publisherId == ClientId;
            if (isOwn || !MqttTopic.Matches(subscription.Filter.Topic, message.Topic))
            {
                continue;
            }
            isMatch = true;
            retain |= message.Retain && subscription.Filter.RetainAsPublished;
            granted = granted > subscription.QoS ? granted : subscription.QoS;
            if (subscription.Identifier is { } identifier)
            {
                (identifiers ??= []).Add(identifier);
            }
        }
        var qos = Lower(granted, message.QualityOfServiceLevel);
        return isMatch ? new BrokerDelivery(message, qos, retain, identifiers ?? [], expiry) : null;
    }

    public static MqttQualityOfServiceLevel Lower(MqttQualityOfServiceLevel a, MqttQualityOfServiceLevel b) =>
        a < b ? a : b;
}
