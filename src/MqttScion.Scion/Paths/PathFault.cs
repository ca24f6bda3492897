namespace MqttScion.Scion;

/// <summary>What an SCMP error told about a path that is down; all paths that it concerns share it.</summary>
/// <param name="Scmp">The error.</param>
/// <param name="Interface">The interface that is down; null when the error names none, or two.</param>
public sealed record PathFault(ScmpMessage Scmp, PathInterface? Interface);
