namespace MqttScion.Quic;

/// <summary>A packet that was acknowledged, for congestion control.</summary>
/// <param name="SizeBytes">Its size.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="Sequence">Its number among the packets of its space and path.</param>
internal readonly record struct AckedPacket(int SizeBytes, TimeSpan SentAt, long Sequence);
