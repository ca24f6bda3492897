namespace MqttScion.Mqtt;

/// <summary>Which retained messages a subscription gets (MQTT 5 §3.8.3.1).</summary>
public enum MqttRetainHandling
{
    /// <summary>At each SUBSCRIBE.</summary>
    SendAtSubscribe = 0,

    /// <summary>Only when the subscription did not exist before.</summary>
    SendAtSubscribeIfNewSubscriptionOnly = 1,

    /// <summary>Never.</summary>
    DoNotSendOnSubscribe = 2,
}
