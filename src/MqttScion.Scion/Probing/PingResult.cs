namespace MqttScion.Scion;

/// <summary>One ping.</summary>
/// <param name="Path">The path that it took; null when there was none.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record PingResult(ScionPath? Path, ProbeOutcome Outcome);
