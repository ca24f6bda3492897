namespace MqttScion.Scion;

/// <summary>Why a path or an interface is to be held back.</summary>
/// <param name="Why">The evidence in words.</param>
/// <param name="Scmp">The SCMP error; null when the evidence is something else.</param>
/// <param name="EndsOnRenewal">True when a renewed path is free of the fault.</param>
/// <param name="IsUnanswered">True when all there is to it is that nobody answered over the path.</param>
internal readonly record struct DownReport(
    string Why, ScmpMessage? Scmp = null, bool EndsOnRenewal = false, bool IsUnanswered = false);
