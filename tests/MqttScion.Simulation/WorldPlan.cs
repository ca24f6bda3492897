namespace MqttScion.Simulation;

/// <summary>Everything that a seed decides beforehand.</summary>
internal sealed class WorldPlan
{
    public required ulong Seed { get; init; }

    /// <summary>
    /// In a harsh world the connection may break off, for a reason that is to be had; in any other it must carry
    /// everything.
    /// </summary>
    public bool IsHarsh { get; set; }

    public List<PathPlan> Paths { get; } = [];

    public HostPlan Client { get; } = new();

    public HostPlan Server { get; } = new();

    public List<StreamPlan> Streams { get; } = [];

    public List<ScriptedEvent> Script { get; } = [];

    /// <summary>Zeros behind the messages of the handshake.</summary>
    public int HandshakePaddingBytes { get; set; }

    /// <summary>Whether nothing happens for a while before the end.</summary>
    public TimeSpan QuietTime { get; set; }

    public Ending Ending { get; set; }

    /// <summary>How long everything may take until it is delivered.</summary>
    public TimeSpan DeliveryBound { get; set; }

    public IEnumerable<string> Describe()
    {
        yield return $"seed {Seed}: {(IsHarsh ? "harsh" : "mild")}, ends by {Ending}, bound {DeliveryBound}, " +
            $"quiet {QuietTime}, handshake padding {HandshakePaddingBytes}";
        yield return $"  client: {Client}";
        yield return $"  server: {Server}";
        foreach (var path in Paths)
        {
            yield return $"  path {path.DatagramBytes}+{path.Headroom}: to server {path.ToServer}; " +
                $"to client {path.ToClient}";
        }

        foreach (var stream in Streams)
            yield return $"  {stream}";
        foreach (var item in Script)
            yield return $"  {item}";
    }
}
