namespace MqttScion.Scion;

/// <summary>Protocol numbers of the NextHdr field.</summary>
public enum L4Protocol : byte
{
    /// <summary>Nothing follows.</summary>
    None = 0,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>The hop-by-hop options extension.</summary>
    HopByHop = 200,

    /// <summary>The end-to-end options extension.</summary>
    EndToEnd = 201,

    /// <summary>The SCION control message protocol.</summary>
    Scmp = 202,

    /// <summary>Bidirectional forwarding detection between border routers.</summary>
    Bfd = 203,

    /// <summary>For experiments.</summary>
    Experimental1 = 253,

    /// <summary>For experiments.</summary>
    Experimental2 = 254,
}
