namespace MqttScion.Testnet;

/// <summary>What to do with a packet.</summary>
internal enum RouterAction
{
    /// <summary>Nothing.</summary>
    Drop,

    /// <summary>Send the packet out of <see cref="RouterVerdict.EgressInterface"/>.</summary>
    Forward,

    /// <summary>Send the packet to <see cref="RouterVerdict.Destination"/> inside the AS.</summary>
    Deliver,

    /// <summary>Send the processor's reply out of the egress interface, or inside when that is 0.</summary>
    Reply,
}
