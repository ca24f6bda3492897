namespace MqttScion.Testnet;

/// <summary>Directions of an <see cref="EmulatedLink"/>, seen from one of its ends.</summary>
[Flags]
public enum LinkDirections
{
    /// <summary>Packets that leave by the end.</summary>
    Out = 1,

    /// <summary>Packets that come in by the end.</summary>
    In = 2,

    /// <summary>All packets.</summary>
    Both = Out | In,
}
