namespace MqttScion.Testnet;

/// <summary>Directions of an <see cref="EmulatedLink"/>.</summary>
[Flags]
public enum LinkDirections
{
    /// <summary>Packets that leave by end A.</summary>
    FromA = 1,

    /// <summary>Packets that leave by end B.</summary>
    FromB = 2,

    /// <summary>All packets.</summary>
    Both = FromA | FromB,
}
