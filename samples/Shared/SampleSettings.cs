namespace MqttScion.Samples;

/// <summary>What the command line asks of a sample.</summary>
/// <param name="Count">How many messages are to arrive, jobs to be done.</param>
/// <param name="Broker">The broker behind the emulated network's proxy, as <c>host:port</c>; null for an embedded one.
/// </param>
/// <param name="OwnProxy">Your own proxy; null for an emulated network in this process.</param>
internal sealed record SampleSettings(int Count, string? Broker, Access? OwnProxy);
