namespace MqttScion.Quic;

/// <summary>The ECN field of the packet that carried a datagram (RFC 3168), with its values on the wire.</summary>
public enum EcnCodepoint : byte
{
    /// <summary>Not ECN-capable.</summary>
    NotEct,

    /// <summary>ECT(1).</summary>
    Ect1,

    /// <summary>ECT(0).</summary>
    Ect0,

    /// <summary>Congestion experienced.</summary>
    Ce,
}
