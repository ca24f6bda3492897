namespace MqttScion.Quic.Tests;

/// <summary>What a simulated link does to datagrams; probabilities from 0 to 1.</summary>
internal sealed class Link
{
    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(10);

    public double Loss { get; set; }

    /// <summary>How often a datagram is held back, so that later ones overtake it.</summary>
    public double Reorder { get; set; }

    public double Duplication { get; set; }

    /// <summary>How often some bits of a datagram flip.</summary>
    public double Corruption { get; set; }

    public bool IsDown { get; set; }

    /// <summary>Bytes per second, or zero for no limit.</summary>
    public long BytesPerSecond { get; set; }

    /// <summary>How many bytes wait for their turn before more are dropped, or zero for any number.</summary>
    public long QueueBytes { get; set; }

    /// <summary>Above how many bytes in the queue datagrams with ECT get a CE mark, or zero for never.</summary>
    public long MarkAboveBytes { get; set; }

    /// <summary>What the link does to ECN fields, if anything.</summary>
    public Func<EcnCodepoint, EcnCodepoint>? RewriteEcn { get; set; }

    /// <summary>The largest datagram that gets through, or zero for any.</summary>
    public int MaxBytes { get; set; }

    /// <summary>Whether datagrams with a mark are dropped, by sender: from the server or not.</summary>
    public Func<bool, bool>? DropsMarked { get; set; }

    public long OverflowCount { get; set; }

    public TimeSpan BusyUntil { get; set; }

    public long DatagramCount { get; set; }
}
