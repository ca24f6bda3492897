namespace MqttScion.Mqtt;

/// <summary>Why an <see cref="MqttSession"/> ended.</summary>
public enum MqttSessionEndCause
{
    /// <summary><see cref="MqttSession.Disconnect"/> was called.</summary>
    DisconnectedByClient = 0,

    /// <summary>The server sent DISCONNECT.</summary>
    DisconnectedByServer = 1,

    /// <summary>The CONNACK carried an error.</summary>
    ConnectRefused = 2,

    /// <summary>The stream ended without a DISCONNECT.</summary>
    TransportClosed = 3,

    /// <summary>No CONNACK came in time.</summary>
    ConnectTimeout = 4,

    /// <summary>Nothing came back in time after a PINGREQ.</summary>
    PingTimeout = 5,

    /// <summary>The server sent bytes that are no MQTT packet.</summary>
    MalformedPacket = 6,

    /// <summary>The server broke a rule of the protocol.</summary>
    ProtocolError = 7,

    /// <summary>The server did not answer an AUTH in time.</summary>
    AuthenticationTimeout = 8,
}
