namespace MqttScion.Simulation;

/// <summary>One direction of a path, as drawn for a world; probabilities from 0 to 1.</summary>
internal sealed class LinkPlan
{
    public TimeSpan Delay { get; set; }

    public TimeSpan Jitter { get; set; }

    public double Loss { get; set; }

    /// <summary>How often a burst of losses starts.</summary>
    public double BurstStart { get; set; }

    /// <summary>How often a burst goes on for another datagram.</summary>
    public double BurstGoesOn { get; set; }

    /// <summary>How often a datagram is held back for longer, so that later ones overtake it.</summary>
    public double Reorder { get; set; }

    public double Duplication { get; set; }

    public double Corruption { get; set; }

    /// <summary>Bytes per second, or zero for no limit.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>How many bytes wait before more are dropped.</summary>
    public int QueueBytes { get; set; }

    /// <summary>Above how many waiting bytes datagrams with ECT get a CE mark; zero for never.</summary>
    public int MarkAboveBytes { get; set; }

    public bool IsBleaching { get; set; }

    public bool DropsMarked { get; set; }

    /// <summary>The largest datagram that gets through.</summary>
    public int MaxBytes { get; set; }

    /// <summary>When nothing gets through.</summary>
    public List<(TimeSpan From, TimeSpan To)> Blackouts { get; } = [];

    /// <summary>From when on only smaller datagrams get through.</summary>
    public (TimeSpan From, int MaxBytes)? Narrowing { get; set; }

    public override string ToString() =>
        $"{Delay.TotalMilliseconds:0}+{Jitter.TotalMilliseconds:0}ms loss={Loss:0.00}/{BurstStart:0.00}x" +
        $"{BurstGoesOn:0.0} reorder={Reorder:0.00} dup={Duplication:0.00} corrupt={Corruption:0.00} " +
        $"rate={BytesPerSecond} queue={QueueBytes} ce>{MarkAboveBytes}{(IsBleaching ? " bleach" : "")}" +
        $"{(DropsMarked ? " dropsEct" : "")} max={MaxBytes} narrow={Narrowing} " +
        $"dark={string.Join(' ', Blackouts.Select(b => $"{b.From.TotalSeconds:0.0}-{b.To.TotalSeconds:0.0}s"))}";
}
