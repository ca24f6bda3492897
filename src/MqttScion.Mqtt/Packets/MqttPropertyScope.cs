namespace MqttScion.Mqtt;

/// <summary>Where a property may stand.</summary>
[Flags]
internal enum MqttPropertyScope
{
    None = 0,
    Connect = 1 << 0,
    ConnAck = 1 << 1,
    Publish = 1 << 2,
    Will = 1 << 3,

    /// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP.</summary>
    PubAcks = 1 << 4,
    Subscribe = 1 << 5,

    /// <summary>SUBACK and UNSUBACK.</summary>
    SubAcks = 1 << 6,
    Unsubscribe = 1 << 7,
    Disconnect = 1 << 8,
    Auth = 1 << 9,
}
