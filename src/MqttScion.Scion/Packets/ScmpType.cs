namespace MqttScion.Scion;

/// <summary>The type of an SCMP message; above 127 it is informational.</summary>
public enum ScmpType : byte
{
    /// <summary>The destination cannot be reached.</summary>
    DestinationUnreachable = 1,

    /// <summary>The packet is larger than the next link's MTU.</summary>
    PacketTooBig = 2,

    /// <summary>A field of the packet is wrong.</summary>
    ParameterProblem = 4,

    /// <summary>The link behind an external interface is down.</summary>
    ExternalInterfaceDown = 5,

    /// <summary>Two interfaces of an AS cannot reach each other.</summary>
    InternalConnectivityDown = 6,

    /// <summary>A question for an echo.</summary>
    EchoRequest = 128,

    /// <summary>An echo.</summary>
    EchoReply = 129,

    /// <summary>A question to the router whose alert flag is set.</summary>
    TracerouteRequest = 130,

    /// <summary>The answer of that router.</summary>
    TracerouteReply = 131,
}
