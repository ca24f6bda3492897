namespace MqttScion.Quic;

/// <summary>Why a TLS handshake failed.</summary>
/// <param name="Alert">The TLS alert; the connection closes with CRYPTO_ERROR 0x0100 + alert (RFC 9001 §4.8).</param>
/// <param name="Reason">What failed, what was expected and what came; holds no secrets.</param>
public sealed record QuicTlsFailure(byte Alert, string Reason);
