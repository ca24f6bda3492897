namespace MqttScion.Quic.Tests;

/// <summary>Like <see cref="Ngtcp2FactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Ngtcp2TheoryAttribute : TheoryAttribute
{
    public Ngtcp2TheoryAttribute() => Skip = new Ngtcp2FactAttribute().Skip;
}
