using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The server refused the CONNECT.</summary>
public sealed class MqttConnectRefusedException : Exception
{
    internal MqttConnectRefusedException(MqttClientConnectResult result)
        : base($"The server refused the connection: {result.ResultCode} (0x{(int)result.ResultCode:x2})"
            + (string.IsNullOrEmpty(result.ReasonString) ? "." : $", '{result.ReasonString}'.")) =>
        Result = result;

    /// <summary>The CONNACK as it came.</summary>
    public MqttClientConnectResult Result { get; }
}
