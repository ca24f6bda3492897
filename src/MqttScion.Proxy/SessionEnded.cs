using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>A session is over.</summary>
/// <param name="Client">The client's SCION address.</param>
/// <param name="Cause">Who ended it.</param>
/// <param name="Detail">What was seen, in words.</param>
public sealed record SessionEnded(ScionEndPoint Client, SessionEndCause Cause, string Detail);
