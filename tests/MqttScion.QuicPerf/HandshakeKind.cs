namespace MqttScion.QuicPerf;

/// <summary>Ways to connect.</summary>
internal enum HandshakeKind
{
    /// <summary>With certificates.</summary>
    Full,

    /// <summary>With a ticket of the connection before.</summary>
    Resumed,

    /// <summary>With a ticket, and a request before the handshake is done.</summary>
    Early,
}
