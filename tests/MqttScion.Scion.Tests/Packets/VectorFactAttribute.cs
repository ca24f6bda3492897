namespace MqttScion.Scion.Tests;

/// <summary>A fact that needs the published conformance vectors and is skipped where they are absent.</summary>
internal sealed class VectorFactAttribute : FactAttribute
{
    public VectorFactAttribute()
    {
        if (!VectorFile.IsPresent)
            Skip = "The conformance vectors (../shared/vectors) are not here.";
    }
}
