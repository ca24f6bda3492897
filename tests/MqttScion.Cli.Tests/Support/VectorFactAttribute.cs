namespace MqttScion.Cli.Tests;

/// <summary>A fact that needs the published conformance vectors and is skipped where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class VectorFactAttribute : FactAttribute
{
    public VectorFactAttribute()
    {
        if (!VectorFile.IsPresent)
            Skip = "The conformance vectors (../shared/vectors) are not here.";
    }
}
