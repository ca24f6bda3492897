namespace MqttScion.Quic;

/// <summary>What loss detection knows of one packet number space on one path.</summary>
/// <remarks>
/// Packets of a space are counted per path as well: the packet threshold of RFC 9002 §6.1.1 compares these sequence
/// numbers, so that packets which overtook each other on different paths are not taken for losses.
/// </remarks>
internal struct PathSpace
{
    public long NextSequence;
    public long LargestAcknowledgedSequence;
    public int AckElicitingInFlight;
    public TimeSpan LastAckElicitingSentAt;

    /// <summary>The packets below were sent before the congestion window was last full.</summary>
    public long FullSequence;

    public PathSpace() => LargestAcknowledgedSequence = -1;
}
