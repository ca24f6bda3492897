namespace MqttScion.Mqtt;

public sealed partial class MqttSession
{
    /// <summary>Subscribes. Returns the token that its <see cref="MqttEventKind.SubscribeCompleted"/> will
    /// carry.</summary>
    /// <remarks>A request that is not valid or that the server's CONNACK forbids completes at once, and is not
    /// sent.</remarks>
    /// <param name="filters">At least one filter.</param>
    /// <param name="subscriptionIdentifier">Comes back with each message, 1 to 268,435,455; null means none.</param>
    /// <param name="now">The time.</param>
    public int Subscribe(IReadOnlyList<MqttTopicFilter> filters, uint? subscriptionIdentifier, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(filters);
        var operation = new SubscribeOperation(unchecked(++_lastToken), filters);
        if (FindRefusal(operation, subscriptionIdentifier) is { } refusal)
        {
            _events.Enqueue(refusal);
            return operation.Token;
        }
        MqttProperties? properties = null;
        if (subscriptionIdentifier is { } identifier)
        {
            properties = new MqttProperties();
            properties.Add(MqttPropertyId.SubscriptionIdentifier, identifier);
        }
        _writer.Write(_output, new MqttSubscribePacket(_inflight.Add(operation), filters, properties));
        _lastSent = now;
        return operation.Token;
    }

    /// <summary>Unsubscribes. Returns the token that its <see cref="MqttEventKind.UnsubscribeCompleted"/> will
    /// carry.</summary>
    /// <param name="filters">At least one filter, as it was subscribed.</param>
    /// <param name="now">The time.</param>
    public int Unsubscribe(IReadOnlyList<string> filters, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(filters);
        var operation = new UnsubscribeOperation(unchecked(++_lastToken), filters);
        string? error = null;
        if (filters.Count == 0 || filters.Any(f => !MqttTopic.TryValidateFilter(f, out error)))
        {
            _events.Enqueue(operation.Refuse(MqttClientUnsubscribeResultCode.TopicFilterInvalid,
                error ?? "[MQTT-3.10.3-2] UNSUBSCRIBE needs at least one topic filter."));
        }
        else if (FindGeneralRefusal(filters.Sum(f => (long)MqttSpanWriter.StringLength(f))) is { } reason)
        {
            _events.Enqueue(operation.Refuse(MqttClientUnsubscribeResultCode.ImplementationSpecificError, reason));
        }
        else
        {
            _writer.Write(_output, new MqttUnsubscribePacket(_inflight.Add(operation), filters));
            _lastSent = now;
        }
        return operation.Token;
    }

    private MqttEvent? FindRefusal(SubscribeOperation operation, uint? subscriptionIdentifier)
    {
        var filters = operation.Filters;
        if (filters.Count == 0)
        {
            return operation.Refuse(_ => MqttClientSubscribeResultCode.TopicFilterInvalid,
                "[MQTT-3.8.3-2] SUBSCRIBE needs at least one topic filter.");
        }
        var idLength = subscriptionIdentifier is { } id ? 1L + MqttSpanWriter.VarIntLength(id) : 0;
        if (FindGeneralRefusal(idLength + filters.Sum(f => 1L + MqttSpanWriter.StringLength(f.Topic))) is { } reason)
        {
            return operation.Refuse(_ => MqttClientSubscribeResultCode.ImplementationSpecificError, reason);
        }
        if (subscriptionIdentifier is 0 or > MqttFrame.MaxRemainingLength)
        {
            return operation.Refuse(_ => MqttClientSubscribeResultCode.ImplementationSpecificError,
                "§3.8.2.1.2: A subscription identifier is 1 to 268,435,455.");
        }
        if (subscriptionIdentifier is not null && !ConnectResult!.SubscriptionIdentifiersAvailable)
        {
            return operation.Refuse(_ => MqttClientSubscribeResultCode.SubscriptionIdentifiersNotSupported,
                "§3.2.2.3.12: The server does not support subscription identifiers.");
        }
        foreach (var filter in filters)
        {
            if (MqttSubscribeRules.FindRefusal(filter, ConnectResult) is { } found)
            {
                // One bad filter keeps the whole SUBSCRIBE back; the others say that they were not asked for.
                return operation.Refuse(
                    f => ReferenceEquals(f, filter) ? found.Code : MqttClientSubscribeResultCode.UnspecifiedError,
                    found.Reason);
            }
        }
        return null;
    }

    private string? FindGeneralRefusal(long propertiesAndFiltersLength)
    {
        if (State != MqttSessionState.Connected)
        {
            return $"The session is {State}.";
        }
        const int PacketIdAndPropertyLength = 3;
        var lengthBytes = MqttPacketWriter.PacketLength(propertiesAndFiltersLength + PacketIdAndPropertyLength);
        if (lengthBytes > AllowedBytes)
        {
            return $"[MQTT-3.2.2-15] The packet has {lengthBytes} bytes; the server takes {AllowedBytes}.";
        }
        if (_inflight.IsFull)
        {
            return "[MQTT-2.2.1-3] All 65,535 packet identifiers are in use.";
        }
        return IsOutputHigh
            ? $"{_output.Count} bytes of output are pending; the bound is {_options.OutputHighWaterBytes}."
            : null;
    }
}
