namespace MqttScion.Transport.Tests;

/// <summary>What is under QUIC.</summary>
public enum Underlay
{
    /// <summary>SCION, over the emulated network's border routers.</summary>
    Scion,

    /// <summary>UDP over IP alone.</summary>
    IP,
}
