namespace MqttScion.Testnet;

/// <summary>How a link of an <see cref="EmulatedNetwork"/> behaves.</summary>
public enum LinkState
{
    /// <summary>It carries packets.</summary>
    Up,

    /// <summary>The routers at both ends know that it is down, and answer packets with SCMP.</summary>
    Down,

    /// <summary>It loses all packets, and nobody is told.</summary>
    Silent,
}
