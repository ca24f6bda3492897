namespace MqttScion.Mqtt;

/// <summary>How a publish ended.</summary>
public sealed class MqttClientPublishResult
{
    /// <summary>The result of a QoS 0 message that was handed to the stream.</summary>
    internal static readonly MqttClientPublishResult Sent = new();

    /// <summary>The reason code.</summary>
    public MqttClientPublishReasonCode ReasonCode { get; init; }

    /// <summary>A text for diagnosis; of a local refusal it names the rule. Null when absent.</summary>
    public string? ReasonString { get; init; }

    /// <summary>The packet identifier; null for QoS 0 and for a message that was never sent.</summary>
    public ushort? PacketIdentifier { get; init; }

    /// <summary>True when this end refused: the server was not asked, or did not get to answer.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The user properties of the acknowledgement.</summary>
    public IReadOnlyList<MqttUserProperty> UserProperties { get; init; } = [];

    /// <summary>True when the message was accepted.</summary>
    public bool IsSuccess => (int)ReasonCode < 0x80;
}
