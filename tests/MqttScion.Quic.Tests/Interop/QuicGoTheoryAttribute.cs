namespace MqttScion.Quic.Tests;

/// <summary>Like <see cref="QuicGoFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class QuicGoTheoryAttribute : TheoryAttribute
{
    public QuicGoTheoryAttribute() => Skip = new QuicGoFactAttribute().Skip;
}
