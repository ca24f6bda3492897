namespace MqttScion.Quic;

/// <summary>What becomes of a path.</summary>
internal enum QlogMigration : byte
{
    ProbingStarted,
    ProbingSuccessful,
    ProbingAbandoned,
    Complete,
}
