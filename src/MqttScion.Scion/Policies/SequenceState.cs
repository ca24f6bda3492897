namespace MqttScion.Scion;

/// <summary>One state of a <see cref="SequenceAutomaton"/>.</summary>
/// <param name="Pattern">The hop that leads to <paramref name="Next"/>; null when no hop is needed.</param>
/// <param name="Next">The index of the state that follows; -1 for none.</param>
/// <param name="Other">Without a pattern, a second state that follows; -1 for none.</param>
internal readonly record struct SequenceState(HopPattern? Pattern, int Next = -1, int Other = -1);
