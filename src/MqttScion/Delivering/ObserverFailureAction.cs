namespace MqttScion;

/// <summary>What becomes of a QoS 1 or 2 message that every consumer who got it failed on.</summary>
public enum ObserverFailureAction
{
    /// <summary>It is answered with reason code 0x80, which ends its flow: the server does not send it again.</summary>
    Refuse = 0,

    /// <summary>
    /// The connection is closed without an answer, and made again; the server sends the message again if it kept the
    /// session (<see cref="ScionMqttClientOptions.SessionExpiryInterval"/>). A message that fails each time comes each
    /// time, at the pace of the reconnects. It reaches who is subscribed then: a handler is, an observer that threw
    /// is not.
    /// </summary>
    Disconnect = 1,
}
