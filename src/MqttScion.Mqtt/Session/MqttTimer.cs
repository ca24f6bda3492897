namespace MqttScion.Mqtt;

/// <summary>What an <see cref="MqttSession"/> waits for.</summary>
internal enum MqttTimer
{
    /// <summary>CONNACK is late.</summary>
    Connect,

    /// <summary>It is time for a PINGREQ.</summary>
    KeepAlive,

    /// <summary>Nothing came back after the PINGREQ.</summary>
    PingResponse,

    /// <summary>The server does not answer in a re-authentication.</summary>
    Authentication,
}
