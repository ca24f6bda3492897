using MqttScion.Scion;

namespace MqttScion.Proxy;

/// <summary>Why a session ended.</summary>
public enum SessionEndCause
{
    /// <summary>The client closed, or its connection was lost.</summary>
    ClientGone,

    /// <summary>The broker closed, or its connection was lost.</summary>
    BrokerGone,

    /// <summary>The broker could not be reached.</summary>
    BrokerUnreachable,
}

/// <summary>A session is over.</summary>
/// <param name="Client">The client's SCION address.</param>
/// <param name="Cause">Who ended it.</param>
/// <param name="Detail">What was seen, in words.</param>
public sealed record SessionEnded(ScionEndPoint Client, SessionEndCause Cause, string Detail);
