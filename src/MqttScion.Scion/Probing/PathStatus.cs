namespace MqttScion.Scion;

/// <summary>Whether a path works.</summary>
/// <param name="Path">The path.</param>
/// <param name="Outcome">What became of the probe; inside one AS none is sent.</param>
public sealed record PathStatus(ScionPath Path, ProbeOutcome Outcome)
{
    /// <summary>True when the AS at the end answered, be it by refusing the probe, and inside one AS.</summary>
    public bool IsAlive => Path.IsLocal || Outcome.RttFrom(Path.Destination) is not null;
}
