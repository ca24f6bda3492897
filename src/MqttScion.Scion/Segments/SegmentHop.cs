namespace MqttScion.Scion;

/// <summary>A hop field in a segment: two interfaces in construction direction, lifetime and authenticator.</summary>
/// <param name="ConsIngress">The interface towards the segment's origin (or the peer); 0 at the origin.</param>
/// <param name="ConsEgress">The interface away from the origin; 0 in the last entry.</param>
/// <param name="ExpTime">Lifetime after the segment's timestamp, see <see cref="HopLifetime"/>.</param>
/// <param name="Mac">The 6 bytes of the authenticator as a big-endian number.</param>
internal readonly record struct SegmentHop(ushort ConsIngress, ushort ConsEgress, byte ExpTime, ulong Mac)
{
    /// <summary>The two bytes of the authenticator by which the chain (beta) moves on.</summary>
    public ushort MacPrefix => (ushort)(Mac >> 32);
}
