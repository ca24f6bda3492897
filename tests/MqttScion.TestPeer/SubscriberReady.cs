namespace MqttScion.TestPeer;

/// <summary>The subscriber has its SUBACK.</summary>
/// <param name="Filter">The topic filter.</param>
public sealed record SubscriberReady(string Filter);
