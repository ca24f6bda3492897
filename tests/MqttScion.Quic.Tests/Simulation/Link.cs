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

    public TimeSpan BusyUntil { get; set; }

    public long DatagramCount { get; set; }
}
