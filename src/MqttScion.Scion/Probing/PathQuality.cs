namespace MqttScion.Scion;

/// <summary>What probes found out about a path.</summary>
/// <param name="LastRtt">The latest round-trip time; null before the first answer.</param>
/// <param name="SmoothedRtt">The smoothed round-trip time, RFC 9002 §5.3; null before the first answer.</param>
/// <param name="BaselineRtt">The shortest round-trip time of the last five to ten minutes; null before the first
/// answer.</param>
/// <param name="Loss">The share of the last 32 probes that stayed without an answer, 0 to 1.</param>
/// <param name="SentCount">Probes sent.</param>
/// <param name="ReplyCount">Answers received in time.</param>
public sealed record PathQuality(
    TimeSpan? LastRtt, TimeSpan? SmoothedRtt, TimeSpan? BaselineRtt, double Loss, long SentCount, long ReplyCount);
