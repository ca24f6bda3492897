namespace MqttScion.Quic;

/// <summary>What a server makes of the token in a client's first Initial.</summary>
internal enum TokenVerdict
{
    /// <summary>It proves nothing, or there is none.</summary>
    None,

    /// <summary>It proves the client's address.</summary>
    Validated,

    /// <summary>It is from a Retry of ours, and not good any more: the handshake can't succeed.</summary>
    Invalid,
}
