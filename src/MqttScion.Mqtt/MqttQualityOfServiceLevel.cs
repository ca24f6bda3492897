namespace MqttScion.Mqtt;

/// <summary>How surely a message is delivered (MQTT 5 §4.3).</summary>
public enum MqttQualityOfServiceLevel
{
    /// <summary>QoS 0: sent once, never acknowledged.</summary>
    AtMostOnce = 0,

    /// <summary>QoS 1: acknowledged; may arrive more than once.</summary>
    AtLeastOnce = 1,

    /// <summary>QoS 2: acknowledged in two steps; arrives once.</summary>
    ExactlyOnce = 2,
}
