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

/// <summary>The server refused a topic filter.</summary>
public sealed class MqttSubscribeRefusedException : Exception
{
    internal MqttSubscribeRefusedException(string filter, MqttClientSubscribeResult result)
        : base($"The server refused the subscription to '{filter}': "
            + $"{result.Items[0].ResultCode} (0x{(int)result.Items[0].ResultCode:x2})"
            + (string.IsNullOrEmpty(result.ReasonString) ? "." : $", '{result.ReasonString}'.")) =>
        (Filter, Result) = (filter, result);

    /// <summary>The topic filter that was refused.</summary>
    public string Filter { get; }

    /// <summary>The SUBACK as it came.</summary>
    public MqttClientSubscribeResult Result { get; }
}

/// <summary>The MQTT session ended by itself: the server sent DISCONNECT, broke the protocol or fell silent.</summary>
public sealed class MqttSessionEndedException : Exception
{
    internal MqttSessionEndedException(MqttDisconnectReasonCode reasonCode, string message)
        : base(message) =>
        ReasonCode = reasonCode;

    /// <summary>The reason code that the server sent, or that we sent it.</summary>
    public MqttDisconnectReasonCode ReasonCode { get; }
}

/// <summary>The call needs a connection and there is none.</summary>
public sealed class MqttNotConnectedException : InvalidOperationException
{
    internal MqttNotConnectedException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
