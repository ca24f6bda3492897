namespace MqttScion.Testnet;

/// <summary>What the broker knows of a client identifier; outlives a connection when the client asked for it.</summary>
/// <remarks>All but the boxes is guarded by the router's lock.</remarks>
internal sealed class BrokerSession(string clientId, PocketBrokerOptions options, BrokerCounters counters)
{
    public string ClientId { get; } = clientId;

    public BrokerOutbox Outbox { get; } = new(options, counters);

    public BrokerInbox Inbox { get; } = new();

    public BrokerBacklog Retained { get; } = new();

    public Dictionary<string, BrokerSubscription> Subscriptions { get; } = [];

    /// <summary>The connection; null while the client is away.</summary>
    public BrokerConnection? Connection { get; set; }

    /// <summary>How long the session outlives a connection; null means for ever.</summary>
    public TimeSpan? Expiry { get; set; }

    /// <summary>When the session ends after the connection did; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public BrokerWill? Will { get; set; }

    /// <summary>When the will is to be published; null while the client is connected.</summary>
    public DateTimeOffset? WillDueAt { get; set; }

    /// <summary>The one copy of the message that is just being routed; else null.</summary>
    public BrokerDelivery? Merged { get; set; }

    public bool IsOver(DateTimeOffset now) => Connection is null && ExpiresAt is { } at && at <= now;

    public bool IsWillDue(DateTimeOffset now) => Will is not null && WillDueAt is { } at && at <= now;
}
