namespace MqttScion.Testnet;

/// <summary>Who asks a <see cref="PocketBroker"/> for a connection.</summary>
/// <param name="ClientId">The client identifier; the assigned one if the client has none.</param>
/// <param name="UserName">The user name; null when absent.</param>
/// <param name="Password">The password; null when absent.</param>
public sealed record PocketBrokerConnect(string ClientId, string? UserName, byte[]? Password);
