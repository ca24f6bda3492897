namespace MqttScion.Simulation;

/// <summary>What one side sent and got on a path.</summary>
internal sealed class PathView
{
    public long SentBytes { get; set; }

    public long ReceivedBytes { get; set; }

    public bool IsValidated { get; set; }

    /// <summary>Challenges that came here.</summary>
    public HashSet<ulong> Challenges { get; } = [];
}
