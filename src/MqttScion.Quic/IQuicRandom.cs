namespace MqttScion.Quic;

/// <summary>A source of random bytes: connection ids, path challenges, reset tokens.</summary>
/// <remarks>Used by the thread that owns the endpoint. Simulations inject a seeded one.</remarks>
public interface IQuicRandom
{
    /// <summary>Fills the whole destination.</summary>
    void Fill(Span<byte> destination);
}
