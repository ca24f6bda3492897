namespace MqttScion.Mqtt;

/// <summary>The rules that a message must keep to be published: those of MQTT 5 and those of a server's
/// CONNACK.</summary>
public static class MqttPublishRules
{
    // More than the fixed parts of a PUBLISH: header, lengths, identifier, expiry, alias and payload format.
    private const int MostFixedBytes = 64;

    /// <summary>What is wrong with a message; null when it may be published. The reason names the rule.</summary>
    /// <remarks>Of a topic alias only the range is looked at, since what it stands for depends on what was sent before.
    /// Callable from any thread.</remarks>
    /// <param name="message">The message.</param>
    /// <param name="server">What the server said; null when that is not known yet.</param>
    public static MqttClientPublishResult? FindFault(MqttApplicationMessage message, MqttClientConnectResult? server)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!MqttTopic.TryValidateTopic(message.Topic, out var error))
        {
            return Refusal(MqttClientPublishReasonCode.TopicNameInvalid, error);
        }
        if (FindMessageFault(message) is { } fault)
        {
            return fault;
        }
        if (server is not null && FindServerFault(message, server) is { } forbidden)
        {
            return forbidden;
        }
        if (message.TopicAlias > server?.TopicAliasMaximum)
        {
            return AliasFault(message.TopicAlias, server.TopicAliasMaximum);
        }
        return FindSizeFault(message, server?.MaximumPacketSize ?? MqttFrame.MaxRemainingLength);
    }

    internal static MqttClientPublishResult Refusal(MqttClientPublishReasonCode code, string reason) =>
        new() { ReasonCode = code, ReasonString = reason, IsLocal = true };

    /// <summary>Checks what the topic, the properties and the size leave.</summary>
    internal static MqttClientPublishResult? FindMessageFault(MqttApplicationMessage message)
    {
        if (message.ResponseTopic is { } responseTopic && !MqttTopic.TryValidateTopic(responseTopic, out var error))
        {
            return Refusal(MqttClientPublishReasonCode.TopicNameInvalid, $"[MQTT-3.3.2-14] Response Topic: {error}");
        }
        return message.QualityOfServiceLevel
            is < MqttQualityOfServiceLevel.AtMostOnce or > MqttQualityOfServiceLevel.ExactlyOnce
            ? Refusal(MqttClientPublishReasonCode.QoSNotSupported,
                $"[MQTT-3.3.1-4] The QoS must be 0, 1 or 2; it is {(int)message.QualityOfServiceLevel}.")
            : null;
    }

    internal static MqttClientPublishResult AliasFault(ushort alias, ushort maximum) =>
        Refusal(MqttClientPublishReasonCode.TopicAliasInvalid,
            $"[MQTT-3.2.2-17] The topic alias is {alias}; {maximum} is allowed.");

    internal static MqttClientPublishResult? FindServerFault(
        MqttApplicationMessage message, MqttClientConnectResult server)
    {
        if (message.QualityOfServiceLevel > server.MaximumQoS)
        {
            return Refusal(MqttClientPublishReasonCode.QoSNotSupported,
                $"[MQTT-3.2.2-11] The server takes QoS {(int)server.MaximumQoS} at most.");
        }
        return message.Retain && !server.RetainAvailable
            ? Refusal(MqttClientPublishReasonCode.RetainNotSupported,
                "[MQTT-3.2.2-14] The server does not take retained messages.")
            : null;
    }

    /// <summary>True when a message is so small that its exact length and its properties need no look.</summary>
    internal static bool IsPlainAndSmall(MqttApplicationMessage message, long allowedBytes) =>
        message.ContentType is null && message.ResponseTopic is null && message.CorrelationData is null
        && (ReferenceEquals(message.UserProperties, Array.Empty<MqttUserProperty>())
            || message.UserProperties.Count == 0)
        && 3L * message.Topic.Length + message.Payload.Length + MostFixedBytes <= allowedBytes;

    internal static MqttClientPublishResult? FindSizeFault(
        in MqttPublishPacket packet, MqttProperties properties, long allowedBytes)
    {
        if (!properties.IsWellFormed())
        {
            return Refusal(MqttClientPublishReasonCode.ImplementationSpecificError,
                "[MQTT-1.5.4-1] A property must be at most 65,535 bytes of UTF-8 without U+0000.");
        }
        var lengthBytes = MqttPacketWriter.LengthOf(packet, properties);
        return lengthBytes > allowedBytes
            ? Refusal(MqttClientPublishReasonCode.PacketTooLarge,
                $"[MQTT-3.2.2-15] The packet has {lengthBytes} bytes; the server takes {allowedBytes}.")
            : null;
    }

    private static MqttClientPublishResult? FindSizeFault(MqttApplicationMessage message, long allowedBytes)
    {
        if (IsPlainAndSmall(message, allowedBytes))
        {
            return null;
        }
        var packet = new MqttPublishPacket(message);
        var properties = new MqttProperties();
        MqttMessageProperties.Fill(properties, packet);
        return FindSizeFault(packet, properties, allowedBytes);
    }
}
