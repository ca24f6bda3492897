namespace MqttScion.Testnet;

/// <summary>One step of an enhanced authentication: what the client sent.</summary>
/// <param name="ClientId">The client identifier; the assigned one if the client has none.</param>
/// <param name="Method">The authentication method, the same in all steps.</param>
/// <param name="Data">The authentication data; null when absent.</param>
/// <param name="Round">0 for what came in CONNECT or in the AUTH that asks to authenticate again, then 1, 2, …</param>
/// <param name="IsAgain">True when a connected client authenticates again.</param>
/// <param name="State">What the answer of the round before kept; null in round 0.</param>
public sealed record PocketBrokerAuthentication(
    string ClientId, string Method, byte[]? Data, int Round, bool IsAgain, object? State);
