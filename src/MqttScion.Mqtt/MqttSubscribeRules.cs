namespace MqttScion.Mqtt;

/// <summary>The rules that a subscription must keep to be asked for: those of MQTT 5 and those of a server's
/// CONNACK.</summary>
public static class MqttSubscribeRules
{
    // Of a SUBSCRIBE with one filter: packet identifier, property length, identifier of five bytes, options.
    private const int MostFixedBytes = 9;

    /// <summary>What is wrong with a topic filter and its options; null when they may be subscribed. The text names the
    /// rule. Callable from any thread.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="server">What the server said; null when that is not known yet.</param>
    public static string? FindFault(MqttTopicFilter filter, MqttClientConnectResult? server)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (FindRefusal(filter, server) is { } refusal)
        {
            return refusal.Reason;
        }
        var lengthBytes = MqttPacketWriter.PacketLength(MostFixedBytes + MqttSpanWriter.StringLength(filter.Topic));
        return lengthBytes > server?.MaximumPacketSize
            ? $"[MQTT-3.2.2-15] The packet has {lengthBytes} bytes; the server takes {server.MaximumPacketSize}."
            : null;
    }

    /// <summary>The same with the reason code that stands for it, but for the size.</summary>
    internal static (MqttClientSubscribeResultCode Code, string Reason)? FindRefusal(
        MqttTopicFilter filter, MqttClientConnectResult? server)
    {
        if (!MqttTopic.TryValidateFilter(filter.Topic, out var error))
        {
            return (MqttClientSubscribeResultCode.TopicFilterInvalid, error);
        }
        if (FindOptionFault(filter) is { } fault)
        {
            return (MqttClientSubscribeResultCode.ImplementationSpecificError, fault);
        }
        if (server is { SharedSubscriptionAvailable: false } && MqttTopic.IsShared(filter.Topic))
        {
            return (MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported,
                "§3.2.2.3.13: The server does not support shared subscriptions.");
        }
        return server is { WildcardSubscriptionAvailable: false } && MqttTopic.HasWildcard(filter.Topic)
            ? (MqttClientSubscribeResultCode.WildcardSubscriptionsNotSupported,
                "§3.2.2.3.11: The server does not support wildcards in filters.")
            : null;
    }

    private static string? FindOptionFault(MqttTopicFilter filter)
    {
        if (filter.NoLocal && MqttTopic.IsShared(filter.Topic))
        {
            return $"[MQTT-3.8.3-4] No Local is not allowed on the shared subscription '{filter.Topic}'.";
        }
        if (!Enum.IsDefined(filter.QualityOfServiceLevel))
        {
            return $"§3.8.3.1: The maximum QoS must be 0, 1 or 2; it is {(int)filter.QualityOfServiceLevel}.";
        }
        return Enum.IsDefined(filter.RetainHandling)
            ? null
            : $"§3.8.3.1: Retain Handling must be 0, 1 or 2; it is {(int)filter.RetainHandling}.";
    }
}
