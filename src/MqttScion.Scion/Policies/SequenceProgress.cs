namespace MqttScion.Scion;

/// <summary>How far a list of hops fits a sequence.</summary>
/// <param name="MatchedHops">How many hops fit, counted from the first.</param>
/// <param name="MayEnd">True when the sequence is complete after these hops.</param>
/// <param name="Expected">Which hops may follow these.</param>
internal sealed record SequenceProgress(int MatchedHops, bool MayEnd, IReadOnlyList<HopPattern> Expected);
