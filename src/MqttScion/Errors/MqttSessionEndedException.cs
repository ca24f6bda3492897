using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The MQTT session ended by itself: the server sent DISCONNECT, broke the protocol or fell silent.</summary>
public sealed class MqttSessionEndedException : MqttClientException
{
    internal MqttSessionEndedException(MqttSessionEnd end, string message)
        : base(message) =>
        End = end;

    internal MqttSessionEndedException(MqttDisconnectReasonCode reasonCode, string message)
        : this(new MqttSessionEnd(MqttSessionEndCause.TransportClosed, reasonCode, message), message)
    {
    }

    /// <summary>The reason code that the server sent, or that we sent it.</summary>
    public MqttDisconnectReasonCode ReasonCode => End.ReasonCode;

    /// <summary>Who ended it, why, and what else the server's DISCONNECT said.</summary>
    public MqttSessionEnd End { get; }

    /// <summary>False when the server ended it because of who we are.</summary>
    public override bool IsTransient => End.Cause != MqttSessionEndCause.DisconnectedByServer
        || ReasonCode is not (MqttDisconnectReasonCode.NotAuthorized
            or MqttDisconnectReasonCode.BadAuthenticationMethod);
}
