namespace MqttScion.Mqtt;

/// <summary>What a payload holds (MQTT 5 §3.3.2.3.2).</summary>
public enum MqttPayloadFormatIndicator
{
    /// <summary>Bytes of no stated form.</summary>
    Unspecified = 0,

    /// <summary>UTF-8 text.</summary>
    CharacterData = 1,
}
