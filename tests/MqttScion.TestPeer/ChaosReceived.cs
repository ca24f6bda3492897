namespace MqttScion.TestPeer;

/// <summary>A message was handed over to the observer.</summary>
/// <param name="Number">Its number, which is its payload.</param>
public sealed record ChaosReceived(long Number);
