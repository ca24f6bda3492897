using MqttScion.Quic;
using MqttScion.Scion;

namespace MqttScion;

/// <summary>The state and the counters of one QUIC connection at one moment.</summary>
/// <param name="Remote">The other end; on plain IP the address that is used, not its name.</param>
/// <param name="Path">The SCION path on which packets leave; null where the peer chose it, as on a proxy, and on plain
/// IP.</param>
/// <param name="Cause">Why they were taken.</param>
/// <param name="Quic">The numbers; the round-trip time and the window are those of the path.</param>
public sealed record ConnectionStatistics(
    ServerAddress Remote, ScionPath? Path, StatisticsCause Cause, QuicStatistics Quic);
