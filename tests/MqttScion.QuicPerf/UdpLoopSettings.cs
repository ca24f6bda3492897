namespace MqttScion.QuicPerf;

/// <summary>How a loop uses its socket.</summary>
/// <param name="MaxDatagramBytes">The largest UDP payload that is sent.</param>
/// <param name="UsesSegments">Whether flights leave, and arrive, several datagrams a piece (GSO, GRO).</param>
/// <param name="Impairment">What happens to what is sent.</param>
internal sealed record UdpLoopSettings(int MaxDatagramBytes, bool UsesSegments, ImpairmentSettings Impairment);
