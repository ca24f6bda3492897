namespace MqttScion.Quic;

/// <summary>A peer's breach of the protocol that ends the connection.</summary>
/// <param name="Error">The code for the CONNECTION_CLOSE frame.</param>
/// <param name="Reason">What was expected and what came.</param>
internal sealed record Violation(QuicError Error, string Reason);
