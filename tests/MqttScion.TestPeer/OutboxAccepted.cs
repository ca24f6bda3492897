namespace MqttScion.TestPeer;

/// <summary>The outbox has accepted a message.</summary>
/// <param name="Number">Its number, which is its payload.</param>
public sealed record OutboxAccepted(long Number);
