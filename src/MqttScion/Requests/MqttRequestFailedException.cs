using MqttScion.Mqtt;

namespace MqttScion;

/// <summary>A request reached nobody: the server refused it, or nobody subscribes to its topic.</summary>
public sealed class MqttRequestFailedException : MqttClientException
{
    internal MqttRequestFailedException(string topic, MqttClientPublishResult result)
        : base(result.ReasonCode == MqttClientPublishReasonCode.NoMatchingSubscribers
            ? $"Nobody answers requests on '{topic}': the server knows no subscriber (0x10)."
            : $"The request on '{topic}' was refused: {result.ReasonCode} (0x{(int)result.ReasonCode:x2})"
                + (string.IsNullOrEmpty(result.ReasonString) ? "." : $", '{result.ReasonString}'.")) =>
        Result = result;

    /// <summary>How the publish of the request ended.</summary>
    public MqttClientPublishResult Result { get; }

    /// <summary>
    /// True when somebody may subscribe yet, or the server may have room again; false when it does not take such a
    /// message, or not from this client.
    /// </summary>
    public override bool IsTransient => Result.ReasonCode
        is not (MqttClientPublishReasonCode.NotAuthorized
        or MqttClientPublishReasonCode.TopicNameInvalid
        or MqttClientPublishReasonCode.TopicAliasInvalid
        or MqttClientPublishReasonCode.PacketTooLarge
        or MqttClientPublishReasonCode.PayloadFormatInvalid
        or MqttClientPublishReasonCode.RetainNotSupported
        or MqttClientPublishReasonCode.QoSNotSupported);
}
