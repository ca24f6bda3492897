namespace MqttScion;

/// <summary>What outlives a client's connections, and what each of them therefore works on.</summary>
internal sealed record ClientParts(
    ClientSettings Settings, ClientSession Session, SubscriptionHub Hub, Outbox Outbox);
