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
