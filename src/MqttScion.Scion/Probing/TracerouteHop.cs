namespace MqttScion.Scion;

/// <summary>One interface on a path, as a traceroute found it.</summary>
/// <param name="Interface">The AS and its interface.</param>
/// <param name="Outcomes">What became of each request to the router there.</param>
public sealed record TracerouteHop(PathInterface Interface, IReadOnlyList<ProbeOutcome> Outcomes);
