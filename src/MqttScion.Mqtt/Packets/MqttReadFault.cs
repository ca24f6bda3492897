namespace MqttScion.Mqtt;

/// <summary>Why a packet was not accepted: the code to disconnect with, and the broken rule.</summary>
internal readonly record struct MqttReadFault(MqttDisconnectReasonCode ReasonCode, string Reason)
{
    public static MqttReadFault Malformed(string reason) => new(MqttDisconnectReasonCode.MalformedPacket, reason);

    public static MqttReadFault Protocol(string reason) => new(MqttDisconnectReasonCode.ProtocolError, reason);
}
