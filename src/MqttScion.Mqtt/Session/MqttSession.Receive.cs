namespace MqttScion.Mqtt;

public sealed partial class MqttSession
{
    /// <summary>A server that makes us answer without reading our answers is cut off at this many.</summary>
    private const int MaximumUnreadReplies = 2 * ushort.MaxValue;

    /// <summary>Takes bytes of the stream, however they are cut. Ignored by a session that is not open.</summary>
    public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        if (!bytes.IsEmpty)
        {
            _lastReceived = now;
            _pingSent = null;
        }
        while (State is MqttSessionState.Connecting or MqttSessionState.Connected)
        {
            switch (_assembler.TryTake(ref bytes, out var frame, out var fault))
            {
                case MqttFrameStatus.Packet:
                    ReceivePacket(frame, now);
                    break;
                case MqttFrameStatus.Refused:
                    Fail(fault, now);
                    return;
                default:
                    return;
            }
        }
    }

    private void ReceivePacket(in MqttFrame frame, TimeSpan now)
    {
        if (IsDataStream && frame.Type is < MqttPacketType.Publish or > MqttPacketType.UnsubAck)
        {
            ProtocolError($"{frame.Type} came on a data stream, which carries PUBLISH to UNSUBACK.", now);
            return;
        }
        var isFirst = State == MqttSessionState.Connecting;
        var isExchange = frame.Type == MqttPacketType.Auth && _options.AuthenticationMethod is not null;
        if (!isExchange && isFirst != (frame.Type == MqttPacketType.ConnAck))
        {
            ProtocolError(isFirst
                ? $"[MQTT-3.2.0-1] {frame.Type} came before CONNACK."
                : "[MQTT-3.2.0-2] A second CONNACK came.", now);
            return;
        }
        if (!TryReceive(frame, now, out var fault))
        {
            Fail(fault, now);
        }
    }

    /// <summary>Reads a packet and acts on it; false when it cannot be read or a server must not send it.</summary>
    private bool TryReceive(in MqttFrame frame, TimeSpan now, out MqttReadFault fault)
    {
        var isRead = false;
        switch (frame.Type)
        {
            case MqttPacketType.ConnAck:
                if (isRead = MqttPacketReader.TryReadConnAck(frame, out var connAck, out fault))
                {
                    OnConnAck(connAck, now);
                }
                break;
            case MqttPacketType.Publish:
                if (isRead = MqttPacketReader.TryReadPublishView(frame, out var publish, out fault))
                {
                    OnPublish(publish, now);
                }
                break;
            case MqttPacketType.PubAck or MqttPacketType.PubRec or MqttPacketType.PubRel or MqttPacketType.PubComp:
                if (isRead = MqttPacketReader.TryReadAck(frame, out var ack, out fault))
                {
                    OnAck(ack, now);
                }
                break;
            case MqttPacketType.SubAck or MqttPacketType.UnsubAck:
                if (isRead = MqttPacketReader.TryReadSubAck(frame, out var subAck, out fault))
                {
                    OnSubAck(subAck, now);
                }
                break;
            case MqttPacketType.PingResp:
                isRead = MqttPacketReader.TryReadPing(frame, out fault);
                break;
            case MqttPacketType.Disconnect:
                if (isRead = MqttPacketReader.TryReadDisconnect(frame, out var disconnect, out fault))
                {
                    OnDisconnect(disconnect, now);
                }
                break;
            case MqttPacketType.Auth when _options.AuthenticationMethod is null:
                fault = MqttReadFault.Protocol(
                    "[MQTT-4.12.0-6] The server sent AUTH, but we named no Authentication Method.");
                break;
            case MqttPacketType.Auth:
                if (isRead = MqttPacketReader.TryReadDisconnect(frame, out var auth, out fault))
                {
                    OnAuth(auth, now);
                }
                break;
            default:
                fault = MqttReadFault.Protocol($"§2.1.2: A server must not send {frame.Type}.");
                break;
        }
        return isRead;
    }

    private void OnConnAck(in MqttConnAckPacket packet, TimeSpan now)
    {
        ConnectResult = ToResult(packet, _options);
        if (packet.ReasonCode != MqttClientConnectResultCode.Success)
        {
            var end = new MqttSessionEnd(MqttSessionEndCause.ConnectRefused,
                MqttDisconnectReasonCode.UnspecifiedError, $"{packet.ReasonCode}: {ConnectResult.ReasonString}")
            {
                ServerReference = ConnectResult.ServerReference,
            };
            Close(MqttEventKind.ConnectRefused, end);
            return;
        }
        if (packet.IsSessionPresent && _options.CleanStart)
        {
            ProtocolError("[MQTT-3.2.2-2] Session Present is set, but we asked for a clean start.", now);
            return;
        }
        if (FindMethodFault(ConnectResult.AuthenticationMethod) is { } fault)
        {
            Fail(fault, now);
            return;
        }
        if (_isChallenged)
        {
            ProtocolError("[MQTT-4.12.0-2] CONNACK came while the server's AUTH was not answered.", now);
            return;
        }
        State = MqttSessionState.Connected;
        _outgoingAliases = new OutgoingTopicAliases(
            Math.Min(ConnectResult.TopicAliasMaximum, _options.OutgoingTopicAliasMaximum));
        // A server that asks for none (0) may still be asked for a sign of life: else its end could go unnoticed.
        _keepAlivePeriod = ConnectResult.ServerKeepAlive is { } seconds and not 0
            ? TimeSpan.FromSeconds(seconds)
            : _options.KeepAlivePeriod;
        _events.Enqueue(new MqttEvent(MqttEventKind.Connected, ConnectResult));
        ResumeInflight(packet.IsSessionPresent, now);
        SendWaiting(now);
    }

    private void OnPublish(in MqttPublishView packet, TimeSpan now)
    {
        if (!TryFindTopic(packet, out var topic, out var fault))
        {
            Fail(fault, now);
            return;
        }
        if (packet.QoS == MqttQualityOfServiceLevel.AtMostOnce)
        {
            _events.Enqueue(new MqttEvent(MqttEventKind.MessageReceived, packet.ToMessage(topic, topicAlias: 0)));
            return;
        }
        if (_acknowledgements.IsOpen(packet.PacketId)
            || (_acknowledgements.IsUnreleased(packet.PacketId) && packet.QoS != MqttQualityOfServiceLevel.ExactlyOnce))
        {
            ProtocolError($"[MQTT-2.2.1-4] Packet identifier {packet.PacketId} is in use.", now);
            return;
        }
        if (_acknowledgements.IsUnreleased(packet.PacketId))
        {
            // §4.3.3: The server did not get our PUBREC; the message itself was taken before.
            Reply(new MqttAckPacket(MqttPacketType.PubRec, packet.PacketId), now);
            return;
        }
        if (_acknowledgements.Count >= _options.ReceiveMaximum + _options.ReceiveMaximumTolerance)
        {
            Fail(new MqttReadFault(MqttDisconnectReasonCode.ReceiveMaximumExceeded,
                $"[MQTT-3.3.4-9] More than {_options.ReceiveMaximum} messages are not acknowledged."), now);
            return;
        }
        _acknowledgements.Add(packet.PacketId, packet.QoS);
        _events.Enqueue(new MqttEvent(
            MqttEventKind.MessageReceived, packet.ToMessage(topic, topicAlias: 0), packetId: packet.PacketId));
    }

    /// <summary>Takes the topic of a PUBLISH from its name or its alias, and keeps the two together.</summary>
    private bool TryFindTopic(in MqttPublishView packet, out string topic, out MqttReadFault fault)
    {
        topic = packet.Topic.IsEmpty ? "" : _topicTexts.TextOf(packet.Topic);
        fault = default;
        if (packet.TopicAlias > _options.TopicAliasMaximum)
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.TopicAliasInvalid,
                $"[MQTT-3.1.2-26] Topic alias {packet.TopicAlias} came; the highest that we allow is "
                + $"{_options.TopicAliasMaximum}.");
            return false;
        }
        if (packet.TopicAlias != 0 && topic.Length > 0)
        {
            _incomingAliases[packet.TopicAlias] = topic;
        }
        else if (topic.Length == 0 && !_incomingAliases.TryGetValue(packet.TopicAlias, out topic!))
        {
            fault = MqttReadFault.Protocol($"§3.3.2.1: Topic alias {packet.TopicAlias} came without a topic before.");
            return false;
        }
        return true;
    }

    private void OnAck(in MqttAckPacket packet, TimeSpan now)
    {
        if (!MayHaveProblemText(packet.Properties))
        {
            ProblemTextError(packet.Type, now);
            return;
        }
        var isKnown = _inflight.TryGet<MqttInflightPublish>(packet.PacketId, out var publish);
        var hasPublish = publish is { IsOnConnection: true };
        var isExactlyOnce = publish?.Message.QualityOfServiceLevel == MqttQualityOfServiceLevel.ExactlyOnce;
        switch (packet.Type)
        {
            case MqttPacketType.PubRel:
                // §3.7.2.1: 0x92 tells the server that the identifier is not known, which is no error while recovering.
                var isOpen = _acknowledgements.TryRelease(packet.PacketId);
                Reply(new MqttAckPacket(MqttPacketType.PubComp, packet.PacketId, isOpen ? (byte)0
                    : (byte)MqttClientPublishReasonCode.PacketIdentifierNotFound), now);
                break;
            case MqttPacketType.PubRec when !isKnown || (hasPublish && !isExactlyOnce):
                Reply(new MqttAckPacket(MqttPacketType.PubRel, packet.PacketId,
                    (byte)MqttClientPublishReasonCode.PacketIdentifierNotFound), now);
                break;
            case MqttPacketType.PubRec when hasPublish && packet.ReasonCode < 0x80:
                if (!publish!.IsReleased)
                {
                    publish.IsReleased = true;
                    publish.IsReleaseHeld = _options.HoldsReleases && publish.ReservedPacketId != 0;
                    Report(MqttEventKind.PublishReleased, publish);
                }
                if (!publish.IsReleaseHeld)
                {
                    Reply(new MqttAckPacket(MqttPacketType.PubRel, packet.PacketId), now);
                }
                break;
            case MqttPacketType.PubComp when hasPublish && publish!.IsReleaseRepeated
                && packet.ReasonCode == (byte)MqttClientPublishReasonCode.PacketIdentifierNotFound:
                // §3.7.2.1: No error while recovering: the server had finished, and its PUBCOMP was lost.
                Complete(publish, ToResult(packet with { ReasonCode = 0 }));
                SendWaiting(now);
                break;
            case MqttPacketType.PubRec when hasPublish && !publish!.IsReleased:
            case MqttPacketType.PubAck when hasPublish && !isExactlyOnce:
            case MqttPacketType.PubComp when hasPublish && publish is { IsReleased: true, IsReleaseHeld: false }:
                Complete(publish!, ToResult(packet));
                UseCredit(now);
                break;
            default:
                ProtocolError(
                    $"§4.3: {packet.Type} came for packet identifier {packet.PacketId}, which awaits none.", now);
                break;
        }
    }

    private void OnSubAck(in MqttSubAckPacket packet, TimeSpan now)
    {
        if (!MayHaveProblemText(packet.Properties))
        {
            ProblemTextError(packet.Type, now);
        }
        else if (packet.Type == MqttPacketType.SubAck
            && _inflight.TryGet<SubscribeOperation>(packet.PacketId, out var subscribe)
            && subscribe.Filters.Count == packet.ReasonCodes.Length)
        {
            var codes = packet.ReasonCodes.Select(code => (MqttClientSubscribeResultCode)code);
            _inflight.Remove(packet.PacketId);
            _events.Enqueue(new MqttEvent(MqttEventKind.SubscribeCompleted, new MqttClientSubscribeResult
            {
                Items = [.. subscribe.Filters.Zip(codes, (f, code) => new MqttClientSubscribeResultItem(f, code))],
                ReasonString = packet.Properties?.ReasonString,
                UserProperties = packet.Properties?.UserProperties ?? [],
            }, subscribe.Token));
            SendWaiting(now);
        }
        else if (packet.Type == MqttPacketType.UnsubAck
            && _inflight.TryGet<UnsubscribeOperation>(packet.PacketId, out var unsubscribe)
            && unsubscribe.Filters.Count == packet.ReasonCodes.Length)
        {
            var codes = packet.ReasonCodes.Select(code => (MqttClientUnsubscribeResultCode)code);
            _inflight.Remove(packet.PacketId);
            _events.Enqueue(new MqttEvent(MqttEventKind.UnsubscribeCompleted, new MqttClientUnsubscribeResult
            {
                Items = [.. unsubscribe.Filters.Zip(codes, (f, code) => new MqttClientUnsubscribeResultItem(f, code))],
                ReasonString = packet.Properties?.ReasonString,
                UserProperties = packet.Properties?.UserProperties ?? [],
            }, unsubscribe.Token));
            SendWaiting(now);
        }
        else
        {
            ProtocolError($"[MQTT-3.9.3-1] {packet.Type} with {packet.ReasonCodes.Length} reason codes came for packet "
                + $"identifier {packet.PacketId}, which does not await it.", now);
        }
    }

    private void OnDisconnect(in MqttDisconnectPacket packet, TimeSpan now)
    {
        if (packet.Properties?.Has(MqttPropertyId.SessionExpiryInterval) == true)
        {
            ProtocolError("[MQTT-3.14.2-2] The server's DISCONNECT has a Session Expiry Interval.", now);
            return;
        }
        if (packet.ReasonCode == (byte)MqttDisconnectReasonCode.DisconnectWithWillMessage)
        {
            ProtocolError("[MQTT-3.14.2-1] The server's DISCONNECT has the reason code 0x04, a client's.", now);
            return;
        }
        Close(MqttEventKind.Disconnected, new MqttSessionEnd(MqttSessionEndCause.DisconnectedByServer,
            (MqttDisconnectReasonCode)packet.ReasonCode, packet.Properties?.ReasonString ?? "")
        {
            ServerReference = packet.Properties?.Text(MqttPropertyId.ServerReference),
            UserProperties = packet.Properties?.UserProperties ?? [],
        });
    }

    private bool MayHaveProblemText(MqttProperties? properties) => _options.RequestProblemInformation
        || properties is null
        || !(properties.Has(MqttPropertyId.ReasonString) || properties.Has(MqttPropertyId.UserProperty));

    private void ProblemTextError(MqttPacketType type, TimeSpan now) => ProtocolError(
        $"[MQTT-3.1.2-29] {type} came with a Reason String or User Property, which we asked to leave out.", now);

    private void Reply(in MqttAckPacket packet, TimeSpan now)
    {
        if (++_unreadReplies > MaximumUnreadReplies)
        {
            Fail(new MqttReadFault(
                MqttDisconnectReasonCode.QuotaExceeded, "The server does not read our answers."), now);
            return;
        }
        _writer.Write(_output, packet);
        _lastSent = now;
    }

    private void ProtocolError(string reason, TimeSpan now) => Fail(MqttReadFault.Protocol(reason), now);

    private void Fail(in MqttReadFault fault, TimeSpan now) => Fail(
        fault.ReasonCode == MqttDisconnectReasonCode.MalformedPacket
            ? MqttSessionEndCause.MalformedPacket
            : MqttSessionEndCause.ProtocolError,
        fault.ReasonCode, fault.Reason, now);

    private static MqttClientPublishResult ToResult(in MqttAckPacket packet) => new()
    {
        ReasonCode = (MqttClientPublishReasonCode)packet.ReasonCode,
        ReasonString = packet.Properties?.ReasonString,
        PacketIdentifier = packet.PacketId,
        UserProperties = packet.Properties?.UserProperties ?? [],
    };

    private static MqttClientConnectResult ToResult(in MqttConnAckPacket packet, MqttSessionOptions options)
    {
        var properties = packet.Properties ?? new MqttProperties();
        return new MqttClientConnectResult
        {
            ResultCode = packet.ReasonCode,
            IsSessionPresent = packet.IsSessionPresent,
            ReasonString = properties.ReasonString,
            AssignedClientIdentifier = properties.Text(MqttPropertyId.AssignedClientIdentifier),
            ServerKeepAlive = (ushort?)properties.Number(MqttPropertyId.ServerKeepAlive),
            MaximumQoS = (MqttQualityOfServiceLevel)(properties.Number(MqttPropertyId.MaximumQoS) ?? 2),
            MaximumPacketSize = properties.Number(MqttPropertyId.MaximumPacketSize),
            ReceiveMaximum = (ushort)(properties.Number(MqttPropertyId.ReceiveMaximum) ?? ushort.MaxValue),
            SessionExpiryInterval = properties.Number(MqttPropertyId.SessionExpiryInterval),
            TopicAliasMaximum = (ushort)(properties.Number(MqttPropertyId.TopicAliasMaximum) ?? 0),
            RetainAvailable = properties.Flag(MqttPropertyId.RetainAvailable, absent: true),
            WildcardSubscriptionAvailable = properties.Flag(MqttPropertyId.WildcardSubscriptionAvailable, absent: true),
            SubscriptionIdentifiersAvailable =
                properties.Flag(MqttPropertyId.SubscriptionIdentifierAvailable, absent: true),
            SharedSubscriptionAvailable = properties.Flag(MqttPropertyId.SharedSubscriptionAvailable, absent: true),
            ServerReference = properties.Text(MqttPropertyId.ServerReference),
            // [MQTT-3.1.2-28]: What was not asked for is not there.
            ResponseInformation = options.RequestResponseInformation
                ? properties.Text(MqttPropertyId.ResponseInformation)
                : null,
            AuthenticationMethod = properties.Text(MqttPropertyId.AuthenticationMethod),
            AuthenticationData = properties.Binary(MqttPropertyId.AuthenticationData),
            UserProperties = properties.UserProperties,
        };
    }
}
