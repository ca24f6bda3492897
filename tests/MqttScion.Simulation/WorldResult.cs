namespace MqttScion.Simulation;

/// <summary>What came of a world in which everything held.</summary>
/// <param name="TraceHash">The same for the same seed.</param>
/// <param name="Datagrams">How many both hosts sent.</param>
/// <param name="Elapsed">How long it lasted, in virtual time.</param>
/// <param name="Outcome">How the connection ended.</param>
internal sealed record WorldResult(ulong TraceHash, long Datagrams, TimeSpan Elapsed, string Outcome);
