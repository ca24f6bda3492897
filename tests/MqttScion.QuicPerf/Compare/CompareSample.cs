namespace MqttScion.QuicPerf;

/// <summary>What one download took, from its first byte to its last.</summary>
/// <param name="Seconds">The time.</param>
/// <param name="ServerSeconds">CPU time of the server, user and system.</param>
/// <param name="ClientSeconds">CPU time of the client, user and system.</param>
internal readonly record struct CompareSample(double Seconds, double ServerSeconds, double ClientSeconds);
