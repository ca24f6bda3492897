namespace MqttScion.Quic;

/// <summary>What is true when an ACK frame comes, for congestion control.</summary>
/// <param name="InFlightBytes">What was in flight before, which shows whether the window was in use.</param>
/// <param name="IsAppLimited">Whether the window was never full while the packet was in flight.</param>
/// <param name="NextSequence">The sequence number that the next packet on the path gets.</param>
/// <param name="RttSample">The round-trip time that the packet measured; null for all but one of an ACK.</param>
/// <param name="SmoothedRtt">The smoothed round-trip time.</param>
/// <param name="Now">The time.</param>
internal readonly record struct AckContext(
    long InFlightBytes,
    bool IsAppLimited,
    long NextSequence,
    TimeSpan? RttSample,
    TimeSpan SmoothedRtt,
    TimeSpan Now);
