using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The MQTT session ended by itself: the server sent DISCONNECT, broke the protocol or fell silent.</summary>
public sealed class MqttSessionEndedException : Exception
{
    internal MqttSessionEndedException(MqttDisconnectReasonCode reasonCode, string message)
        : base(message) =>
        ReasonCode = reasonCode;

    /// <summary>The reason code that the server sent, or that we sent it.</summary>
    public MqttDisconnectReasonCode ReasonCode { get; }
}
