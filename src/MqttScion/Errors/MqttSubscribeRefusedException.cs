using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>The server refused a topic filter.</summary>
public sealed class MqttSubscribeRefusedException : MqttClientException
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

    /// <summary>False when the server does not take such a filter, or not from this client.</summary>
    public override bool IsTransient => Result.Items[0].ResultCode
        is MqttClientSubscribeResultCode.UnspecifiedError
        or MqttClientSubscribeResultCode.ImplementationSpecificError
        or MqttClientSubscribeResultCode.PacketIdentifierInUse
        or MqttClientSubscribeResultCode.QuotaExceeded;
}
