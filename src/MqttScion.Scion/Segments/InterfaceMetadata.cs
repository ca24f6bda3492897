namespace MqttScion.Scion;

/// <summary>What an AS announces in a segment about one of its interfaces and the link behind it.</summary>
internal sealed class InterfaceMetadata
{
    /// <summary>
    /// One-way latency from this interface to the one by which the segment leaves the AS; null when unknown.
    /// </summary>
    public TimeSpan? EgressLatency { get; set; }

    /// <summary>Bandwidth between the same two interfaces in kbit/s; 0 when unknown.</summary>
    public ulong EgressKbps { get; set; }

    /// <summary>Internal hops between the same two interfaces; 0 when unknown.</summary>
    public uint EgressHops { get; set; }

    /// <summary>One-way latency to the neighbour; null when unknown.</summary>
    public TimeSpan? LinkLatency { get; set; }

    /// <summary>Bandwidth to the neighbour in kbit/s; 0 when unknown.</summary>
    public ulong LinkKbps { get; set; }

    /// <summary>What the link to the neighbour is made of; null when nothing is said.</summary>
    public PathLinkType? LinkType { get; set; }

    /// <summary>Where the router of the interface stands; null when unknown.</summary>
    public GeoCoordinates? Location { get; set; }
}
