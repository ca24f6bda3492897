using System.Security.Cryptography;

namespace MqttScion.Quic;

/// <summary>The operating system's cryptographic random source; what production uses.</summary>
public sealed class CryptographicRandom : IQuicRandom
{
    /// <inheritdoc />
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
