using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>What is done for each packet of a client.</summary>
internal sealed partial class BrokerConnection
{
    private readonly TopicTexts _topics = new();

    /// <summary>Reads a packet and acts on it; false with the reason when the connection is to end for it.</summary>
    private bool TryHandle(in MqttFrame frame, out MqttReadFault fault)
    {
        if (_session is null)
        {
            return TryBegin(frame, out fault);
        }
        if (control is not null && frame.Type is < MqttPacketType.Publish or > MqttPacketType.UnsubAck)
        {
            fault = MqttReadFault.Protocol($"A client must not send {frame.Type} on a data stream.");
            return false;
        }
        switch (frame.Type)
        {
            case MqttPacketType.Publish:
                return TryPublish(frame, out fault);
            case MqttPacketType.PubAck or MqttPacketType.PubRec or MqttPacketType.PubComp:
                return MqttPacketReader.TryReadAck(frame, out var ack, out fault) && TryAcknowledge(ack, out fault);
            case MqttPacketType.PubRel:
                return MqttPacketReader.TryReadAck(frame, out var release, out fault) && Release(release);
            case MqttPacketType.Subscribe:
                return MqttPacketReader.TryReadSubscribe(frame, out var subscribe, out fault)
                    && TrySubscribe(subscribe, out fault);
            case MqttPacketType.Unsubscribe:
                return MqttPacketReader.TryReadUnsubscribe(frame, out var unsubscribe, out fault)
                    && TryUnsubscribe(unsubscribe, out fault);
            case MqttPacketType.PingReq:
                return MqttPacketReader.TryReadPing(frame, out fault) && AnswerPing();
            case MqttPacketType.Auth:
                return MqttPacketReader.TryReadDisconnect(frame, out var auth, out fault) && TryAuth(auth, out fault);
            case MqttPacketType.Disconnect:
                return MqttPacketReader.TryReadDisconnect(frame, out var disconnect, out fault)
                    && TryEndByClient(disconnect, out fault);
            default:
                fault = MqttReadFault.Protocol($"[MQTT-3.1.0-2] A connected client must not send {frame.Type}.");
                return false;
        }
    }

    /// <summary>Before CONNACK: CONNECT comes first, and AUTH or DISCONNECT may follow.</summary>
    private bool TryBegin(in MqttFrame frame, out MqttReadFault fault)
    {
        switch (frame.Type)
        {
            case MqttPacketType.Connect when _connect is null && MqttPacketReader.IsEarlierConnect(frame):
                RefuseEarlierConnect();
                fault = default;
                return true;
            case MqttPacketType.Connect when _connect is null:
                return MqttPacketReader.TryReadConnect(frame, out var connect, out fault)
                    && TryConnect(connect, out fault);
            case MqttPacketType.Auth when _connect is not null:
                return MqttPacketReader.TryReadDisconnect(frame, out var auth, out fault) && TryAuth(auth, out fault);
            case MqttPacketType.Disconnect when _connect is not null:
                return MqttPacketReader.TryReadDisconnect(frame, out var disconnect, out fault)
                    && TryEndByClient(disconnect, out fault);
            default:
                fault = MqttReadFault.Protocol("[MQTT-3.1.0-1], [MQTT-3.1.0-2] CONNECT must come first and once.");
                return false;
        }
    }

    private bool TryPublish(in MqttFrame frame, out MqttReadFault fault)
    {
        if (!MqttPacketReader.TryReadPublishView(frame, out var view, out fault) || !IsAllowed(view, out fault))
        {
            return false;
        }
        var text = _topics.TextOf(view.Topic);
        if ((view.TopicAlias == 0 ? text : _aliases.Resolve(view.TopicAlias, text)) is not { } topic)
        {
            fault = MqttReadFault.Protocol("§3.3.2.3.4: The topic alias was not set on this connection.");
            return false;
        }
        switch (view.QoS)
        {
            case MqttQualityOfServiceLevel.AtMostOnce:
                var message = view.ToMessage(topic, topicAlias: 0);
                if (FindRefusal(message) is null)
                {
                    router.Route(message, ClientId);
                }
                break;
            default:
                TakeAcknowledged(view, topic);
                break;
        }
        return true;
    }

    private void TakeAcknowledged(in MqttPublishView view, string topic)
    {
        var inbox = _session!.Inbox;
        var isAtLeastOnce = view.QoS == MqttQualityOfServiceLevel.AtLeastOnce;
        var type = isAtLeastOnce ? MqttPacketType.PubAck : MqttPacketType.PubRec;
        if (isAtLeastOnce && inbox.Contains(view.PacketId))
        {
            Answer(new MqttAckPacket(type, view.PacketId, (byte)MqttClientPublishReasonCode.PacketIdentifierInUse));
            return;
        }
        if (!isAtLeastOnce && !inbox.TryBegin(this, view.PacketId))
        {
            // [MQTT-4.3.3-10], [MQTT-4.3.3-12]: Until PUBREL the same identifier is the same message.
            Answer(new MqttAckPacket(type, view.PacketId));
            return;
        }
        var message = view.ToMessage(topic, topicAlias: 0);
        var refusal = FindRefusal(message);
        lock (_lock)
        {
            // Under the lock, so that the acknowledgement leaves before the message that comes back to its publisher.
            var code = refusal ?? (byte)router.Route(message, ClientId);
            if (code >= 0x80 && !isAtLeastOnce)
            {
                inbox.TryEnd(this, view.PacketId);
            }
            Answer(new MqttAckPacket(type, view.PacketId, code));
        }
    }

    private bool IsAllowed(in MqttPublishView view, out MqttReadFault fault)
    {
        fault = default;
        if (view.QoS > options.MaximumQoS)
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.QoSNotSupported, $"[MQTT-3.2.2-11] {view.QoS} came.");
        }
        else if (view.Retain && !options.IsRetainAvailable)
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.RetainNotSupported, "[MQTT-3.2.2-14] Retain came.");
        }
        else if (!_aliases.IsAllowed(view.TopicAlias))
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.TopicAliasInvalid,
                $"[MQTT-3.2.2-17] Topic alias {view.TopicAlias} came.");
        }
        else if (view.Properties?.Has(MqttPropertyId.SubscriptionIdentifier) == true)
        {
            fault = MqttReadFault.Protocol("[MQTT-3.3.4-6] A client sent a subscription identifier.");
        }
        else if (view.QoS != MqttQualityOfServiceLevel.AtMostOnce
            && _session!.Inbox.Count >= options.ReceiveMaximum && !_session.Inbox.Contains(view.PacketId))
        {
            // Of QoS 1 none is ever open: its PUBACK is written when the message is handled.
            fault = new MqttReadFault(MqttDisconnectReasonCode.ReceiveMaximumExceeded,
                $"[MQTT-3.3.4-9] More than {options.ReceiveMaximum} messages are unacknowledged.");
        }
        else if (!_messages.TryCount())
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.MessageRateTooHigh, "More messages than allowed came.");
        }
        return fault.Reason is null;
    }

    private byte? FindRefusal(MqttApplicationMessage message)
    {
        var code = options.AuthorizePublish?.Invoke(ClientId, message) ?? MqttClientPublishReasonCode.Success;
        return (int)code < 0x80 ? null
            : MqttReasonCodeTable.IsAllowed(MqttPacketType.PubAck, (byte)code) ? (byte)code
            : (byte)MqttClientPublishReasonCode.UnspecifiedError;
    }

    private bool TryAcknowledge(in MqttAckPacket ack, out MqttReadFault fault)
    {
        if (!_session!.Outbox.TryAcknowledge(this, ack, out var answer))
        {
            fault = MqttReadFault.Protocol($"[MQTT-4.3.2-3], [MQTT-4.3.3-5]: {ack.Type} does not fit the message.");
            return false;
        }
        fault = default;
        if (answer is { } release)
        {
            Answer(release);
        }
        Wake();
        return true;
    }

    private bool Release(in MqttAckPacket release)
    {
        var code = _session!.Inbox.TryEnd(this, release.PacketId)
            ? MqttClientPublishReasonCode.Success
            : MqttClientPublishReasonCode.PacketIdentifierNotFound;
        Answer(new MqttAckPacket(MqttPacketType.PubComp, release.PacketId, (byte)code));
        return true;
    }

    private bool TrySubscribe(in MqttSubscribePacket packet, out MqttReadFault fault)
    {
        var identifier = packet.Properties?.Number(MqttPropertyId.SubscriptionIdentifier);
        var forbidden = identifier is not null && !options.IsSubscriptionIdentifierAvailable
            ? MqttDisconnectReasonCode.SubscriptionIdentifiersNotSupported
            : packet.Filters.Any(f => MqttTopic.IsShared(f.Topic)) && !options.IsSharedSubscriptionAvailable
                ? MqttDisconnectReasonCode.SharedSubscriptionsNotSupported
                : packet.Filters.Any(f => MqttTopic.HasWildcard(f.Topic)) && !options.IsWildcardSubscriptionAvailable
                    ? MqttDisconnectReasonCode.WildcardSubscriptionsNotSupported
                    : MqttDisconnectReasonCode.NormalDisconnection;
        if (forbidden != MqttDisconnectReasonCode.NormalDisconnection)
        {
            fault = new MqttReadFault(forbidden, "§3.2.2.3.11 to §3.2.2.3.13: CONNACK told that it is not available.");
            return false;
        }
        var codes = new byte[packet.Filters.Count];
        lock (_lock)
        {
            // Under the lock, so that no retained message is written before the SUBACK.
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = (byte)Subscribe(packet.Filters[i], identifier);
            }
            return TryAnswer(new MqttSubAckPacket(MqttPacketType.SubAck, packet.PacketId, codes), out fault);
        }
    }

    private MqttClientSubscribeResultCode Subscribe(MqttTopicFilter filter, uint? identifier) =>
        options.AuthorizeSubscribe?.Invoke(ClientId, filter) is { } code && (int)code >= 0x80
            ? code
            : router.Subscribe(_session!, this, filter, identifier);

    private bool TryUnsubscribe(in MqttUnsubscribePacket packet, out MqttReadFault fault)
    {
        var codes = packet.Filters.Select(f => (byte)router.Unsubscribe(_session!, f)).ToArray();
        return TryAnswer(new MqttSubAckPacket(MqttPacketType.UnsubAck, packet.PacketId, codes), out fault);
    }

    private bool AnswerPing()
    {
        lock (_lock)
        {
            MqttPacketWriter.WritePing(_answers, MqttPacketType.PingResp);
        }
        Wake();
        return true;
    }

    private void Answer(in MqttAckPacket packet)
    {
        lock (_lock)
        {
            _answerWriter.Write(_answers, packet);
        }
        Wake();
    }

    /// <summary>[MQTT-3.1.2-24]: What is too large for the client must not be sent to it, and SUBACK and UNSUBACK can't
    /// be left out.</summary>
    private bool TryAnswer(in MqttSubAckPacket packet, out MqttReadFault fault)
    {
        var isTooLarge = MqttPacketWriter.PacketLength(3 + packet.ReasonCodes.Length) > _maximumPacketSize;
        fault = isTooLarge
            ? new MqttReadFault(MqttDisconnectReasonCode.PacketTooLarge, $"{packet.Type} is too large for the client.")
            : default;
        if (!isTooLarge)
        {
            lock (_lock)
            {
                _answerWriter.Write(_answers, packet);
            }
            Wake();
        }
        return !isTooLarge;
    }
}
