namespace MqttScion.TestPeer;

/// <summary>The proxy listens.</summary>
/// <param name="Address">Its SCION address.</param>
public sealed record ProxyReady(string Address);
