namespace MqttScion.Scion;

/// <summary>An AS, or (with <see cref="PeerLink"/>) a peering link between two ASes.</summary>
internal readonly record struct SegmentVertex(IsdAs IsdAs, PeerLink Link)
{
    /// <summary>The vertex of an AS.</summary>
    public static SegmentVertex Of(IsdAs isdAs) => new(isdAs, default);

    /// <summary>The vertex of a peering link, seen in the direction of travel.</summary>
    public static SegmentVertex Of(PeerLink link) => new(default, link);
}
