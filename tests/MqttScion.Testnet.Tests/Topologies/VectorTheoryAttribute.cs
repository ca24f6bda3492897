namespace MqttScion.Testnet.Tests;

/// <summary>A theory on the published vectors; skipped where they are absent.</summary>
internal sealed class VectorTheoryAttribute : TheoryAttribute
{
    public VectorTheoryAttribute() => Skip = new VectorFactAttribute().Skip;
}
