namespace MqttScion.TestPeer;

/// <summary>The proxy stops.</summary>
/// <param name="PeakResidentBytes">The most memory the process ever had resident.</param>
public sealed record ProxyTotals(long PeakResidentBytes);
