namespace MqttScion.Udp;

/// <summary>The ECN field of an IP packet (RFC 3168 §5), with its values on the wire.</summary>
public enum UdpEcn : byte
{
    /// <summary>Not ECN-capable, or not known.</summary>
    NotEct,

    /// <summary>ECT(1).</summary>
    Ect1,

    /// <summary>ECT(0).</summary>
    Ect0,

    /// <summary>Congestion experienced.</summary>
    Ce,
}
