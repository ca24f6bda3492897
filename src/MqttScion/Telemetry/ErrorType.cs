using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The values of <c>error.type</c>: few, whatever a peer sends.</summary>
internal static class ErrorType
{
    /// <summary>The reason code's name, or <c>_OTHER</c> for one that MQTT does not have.</summary>
    public static string Of(MqttClientPublishResult result) => Enum.GetName(result.ReasonCode) ?? "_OTHER";

    /// <summary>The exception's type.</summary>
    public static string Of(Exception error) => error.GetType().FullName ?? error.GetType().Name;
}
