namespace MqttScion.Scion;

/// <summary>One of the <c>options</c> of a JSON policy.</summary>
/// <param name="Weight">The heaviest options that allow a path at all decide.</param>
/// <param name="Policy">What the option allows.</param>
internal sealed record PolicyOption(long Weight, JsonPathPolicy Policy);
