namespace MqttScion.Scion;

/// <summary>Why a socket dropped a packet that it received.</summary>
public enum ScionDropReason
{
    /// <summary>It could not be read as a SCION packet, or was longer than any may be.</summary>
    Malformed,

    /// <summary>Its destination ISD-AS, host or port is not that of the socket.</summary>
    NotForUs,

    /// <summary>Its source is not an IP host.</summary>
    BadSource,

    /// <summary>Its upper layer is neither UDP nor SCMP.</summary>
    UnknownProtocol,

    /// <summary>Its UDP or SCMP header is broken.</summary>
    MalformedUpperLayer,

    /// <summary>Its checksum is wrong.</summary>
    BadChecksum,

    /// <summary>It is an SCMP message that does not quote or answer a packet of the socket.</summary>
    UnrelatedScmp,
}
