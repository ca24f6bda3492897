namespace MqttScion.Transport;

/// <summary>One thing to do.</summary>
/// <param name="Kind">What.</param>
/// <param name="Path">With which path.</param>
/// <param name="Why">The reason in words; empty for a probe.</param>
internal readonly record struct PathStep<TPath>(PathStepKind Kind, TPath Path, string Why);
