namespace MqttScion.Mqtt;

/// <summary>Where an <see cref="MqttSession"/> stands.</summary>
/// <remarks>Idle → Connecting → Connected → Closed; each state can go straight to Closed.</remarks>
public enum MqttSessionState
{
    /// <summary>Made, CONNECT not yet written.</summary>
    Idle = 0,

    /// <summary>CONNECT written, CONNACK awaited.</summary>
    Connecting = 1,

    /// <summary>CONNACK accepted the connection.</summary>
    Connected = 2,

    /// <summary>Over: send what is pending, then close the stream.</summary>
    Closed = 3,
}
