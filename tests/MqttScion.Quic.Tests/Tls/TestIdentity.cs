namespace MqttScion.Quic.Tests;

/// <summary>A certificate with its key, as PEM.</summary>
internal sealed record TestIdentity(string CertificatePem, string KeyPem, byte[] Certificate, byte[] Serial);
