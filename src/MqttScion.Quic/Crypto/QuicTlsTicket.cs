namespace MqttScion.Quic;

/// <summary>A session ticket as TLS gives it to a client.</summary>
/// <param name="Session">
/// What <see cref="IQuicTlsFactory.CreateClient"/> resumes the session from; holds secrets.
/// </param>
/// <param name="Lifetime">How long the server takes it (RFC 8446 §4.6.1).</param>
/// <param name="AllowsEarlyData">Whether the server takes early data with it (RFC 9001 §4.6.1).</param>
public sealed record QuicTlsTicket(byte[] Session, TimeSpan Lifetime, bool AllowsEarlyData);
