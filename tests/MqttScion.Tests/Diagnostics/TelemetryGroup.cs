namespace MqttScion.Tests.Diagnostics;

/// <summary>One after the other: a listener is global, and some of these tests are about there being none.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TelemetryGroup
{
    public const string Name = "telemetry";
}
