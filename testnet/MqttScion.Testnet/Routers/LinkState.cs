namespace MqttScion.Testnet;

/// <summary>Whether a link carries packets.</summary>
public enum LinkState
{
    /// <summary>It carries packets.</summary>
    Up,

    /// <summary>The routers know that it is down, and answer packets with SCMP.</summary>
    Down,

    /// <summary>It loses all packets, and nobody is told.</summary>
    Silent,
}
