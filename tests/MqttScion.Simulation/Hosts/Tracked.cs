namespace MqttScion.Simulation;

/// <summary>A connection of a host and who watches it.</summary>
internal sealed class Tracked(QuicConnection connection, ConnectionObserver observer)
{
    public QuicConnection Connection => connection;

    public ConnectionObserver Observer => observer;

    /// <summary>What the counters were at the last look.</summary>
    public QuicStatistics Statistics { get; set; }

    public bool IsClosedSeen { get; set; }

    public bool IsDrainedSeen { get; set; }
}
