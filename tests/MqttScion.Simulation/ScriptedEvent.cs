namespace MqttScion.Simulation;

/// <summary>Something that happens to a world at a time.</summary>
/// <param name="At">When, from the start.</param>
/// <param name="Kind">What.</param>
/// <param name="OnServer">Whom it is about, where it is about one side.</param>
/// <param name="Value">A path, or a number to draw from.</param>
/// <param name="Span">How long, where it lasts.</param>
internal sealed record ScriptedEvent(
    TimeSpan At, ScriptedEventKind Kind, bool OnServer = false, int Value = 0, TimeSpan Span = default);
