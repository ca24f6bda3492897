using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The server refused the CONNECT.</summary>
public sealed class MqttConnectRefusedException : MqttClientException
{
    internal MqttConnectRefusedException(MqttClientConnectResult result)
        : base($"The server refused the connection: {result.ResultCode} (0x{(int)result.ResultCode:x2})"
            + (string.IsNullOrEmpty(result.ReasonString) ? "." : $", '{result.ReasonString}'.")) =>
        Result = result;

    /// <summary>The CONNACK as it came.</summary>
    public MqttClientConnectResult Result { get; }

    /// <summary>False when the server refused who we are, or the version of MQTT that we speak.</summary>
    public override bool IsTransient => Result.ResultCode
        is not (MqttClientConnectResultCode.BadUserNameOrPassword
        or MqttClientConnectResultCode.NotAuthorized
        or MqttClientConnectResultCode.Banned
        or MqttClientConnectResultCode.ClientIdentifierNotValid
        or MqttClientConnectResultCode.BadAuthenticationMethod
        or MqttClientConnectResultCode.UnsupportedProtocolVersion);
}
