namespace MqttScion.Scion;

/// <summary>What one AS wrote into a segment.</summary>
/// <param name="IsdAs">The AS.</param>
/// <param name="Hop">Its regular hop field.</param>
/// <param name="Peers">One hop field for each peering link of the AS.</param>
/// <param name="Mtu">Bytes of the largest SCION packet inside the AS; 0 when unknown.</param>
/// <param name="IngressMtu">The same for the link towards the previous entry; 0 when unknown.</param>
/// <param name="Metadata">What the AS announces beyond that; null for nothing.</param>
internal sealed record SegmentEntry(
    IsdAs IsdAs,
    HopField Hop,
    IReadOnlyList<SegmentPeer> Peers,
    int Mtu,
    int IngressMtu,
    EntryMetadata? Metadata = null);

/// <summary>A peering link of an AS in a segment.</summary>
/// <param name="Peer">The AS at the other end.</param>
/// <param name="PeerInterface">Its interface number.</param>
/// <param name="Hop">The hop field that enters from the peer and leaves by the regular egress.</param>
/// <param name="Mtu">Bytes of the largest SCION packet on the link; 0 when unknown.</param>
internal sealed record SegmentPeer(IsdAs Peer, ushort PeerInterface, HopField Hop, int Mtu);
