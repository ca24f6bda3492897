namespace MqttScion.Quic.Tests;

/// <summary>A repeatable source of connection ids and the like.</summary>
internal sealed class SeededRandom(int seed) : IQuicRandom
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> destination) => _random.NextBytes(destination);

    public bool Happens(double probability) => probability > 0 && _random.NextDouble() < probability;

    public double Fraction() => _random.NextDouble();

    public int Below(int limit) => _random.Next(limit);
}
