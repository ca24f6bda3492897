namespace MqttScion.Scion;

/// <summary>Answers that were not the awaited ones.</summary>
/// <param name="Late">They came after the timeout.</param>
/// <param name="Duplicate">They came again.</param>
/// <param name="Forged">They contradict the request: other sender, other data, other interface.</param>
/// <param name="Unknown">No request with their sequence number is remembered.</param>
public readonly record struct ProbeCounts(long Late, long Duplicate, long Forged, long Unknown);
