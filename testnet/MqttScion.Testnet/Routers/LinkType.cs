namespace MqttScion.Testnet;

/// <summary>What the AS at the other end of an interface is to ours.</summary>
internal enum LinkType
{
    /// <summary>Another core AS.</summary>
    Core,

    /// <summary>Our parent.</summary>
    Parent,

    /// <summary>Our child.</summary>
    Child,

    /// <summary>A peer.</summary>
    Peer,
}
