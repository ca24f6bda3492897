using MqttScion.Scion;

namespace MqttScion;

/// <summary>A connection that did not come about.</summary>
/// <param name="Remote">Where the client is; in no AS (0-0) on plain IP.</param>
/// <param name="Reason">Why.</param>
public sealed record RefusedConnection(ScionEndPoint Remote, Exception Reason);
