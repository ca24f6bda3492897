namespace MqttScion.Scion;

/// <summary>What a policy says about one path.</summary>
/// <param name="IsAllowed">True when the path may be used.</param>
/// <param name="Why">The rule that decided and what it met, in one line.</param>
public sealed record PathVerdict(bool IsAllowed, string Why);
