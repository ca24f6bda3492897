using MqttScion.Mqtt;

namespace MqttScion.Testnet;

internal sealed partial class BrokerConnection
{
    /// <summary>Reads a packet and acts on it; false with the reason when the connection is to end for it.</summary>
    private bool TryHandle(in MqttFrame frame, out MqttReadFault fault)
    {
        if (_session is null != (frame.Type == MqttPacketType.Connect))
        {
            fault = MqttReadFault.Protocol("[MQTT-3.1.0-1], [MQTT-3.1.0-2] CONNECT must come first and once.");
            return false;
        }
        switch (frame.Type)
        {
            case MqttPacketType.Connect:
                return MqttPacketReader.TryReadConnect(frame, out var connect, out fault) && TryConnect(connect);
            case MqttPacketType.Publish:
                return MqttPacketReader.TryReadPublish(frame, out var publish, out fault)
                    && TryPublish(publish, out fault);
            case MqttPacketType.PubAck:
                if (MqttPacketReader.TryReadAck(frame, out var ack, out fault))
                {
                    _session!.Outbox.TryAcknowledge(this, ack.PacketId);
                    Wake();
                    return true;
                }
                return false;
            case MqttPacketType.Subscribe:
                return MqttPacketReader.TryReadSubscribe(frame, out var subscribe, out fault) && Subscribe(subscribe);
            case MqttPacketType.Unsubscribe:
                return MqttPacketReader.TryReadUnsubscribe(frame, out var unsubscribe, out fault)
                    && Unsubscribe(unsubscribe);
            case MqttPacketType.PingReq:
                return MqttPacketReader.TryReadPing(frame, out fault) && Answer(MqttPacketType.PingResp);
            case MqttPacketType.Disconnect:
                return MqttPacketReader.TryReadDisconnect(frame, out var disconnect, out fault)
                    && TryEndByClient(disconnect, out fault);
            default:
                fault = MqttReadFault.Protocol($"{frame.Type} is not expected: QoS 2 and AUTH are not supported.");
                return false;
        }
    }

    private bool TryConnect(MqttConnectPacket connect)
    {
        var isAssigned = connect.ClientId.Length == 0;
        ClientId = isAssigned ? $"pocket-{Guid.NewGuid():N}" : connect.ClientId;
        if (connect.Properties?.Has(MqttPropertyId.AuthenticationMethod) == true)
        {
            return RefuseConnect(MqttClientConnectResultCode.BadAuthenticationMethod);
        }
        var request = new PocketBrokerConnect(ClientId, connect.UserName, connect.Password);
        var code = options.AuthorizeConnect?.Invoke(request) ?? MqttClientConnectResultCode.Success;
        if (code == MqttClientConnectResultCode.Success && connect.Will?.QualityOfServiceLevel > MaximumQoS)
        {
            code = MqttClientConnectResultCode.QoSNotSupported;
        }
        if (code != MqttClientConnectResultCode.Success)
        {
            return RefuseConnect(code);
        }
        _keepAlive = options.ServerKeepAlive ?? TimeSpan.FromSeconds(connect.KeepAliveSeconds);
        _sessionExpirySeconds = connect.Properties?.Number(MqttPropertyId.SessionExpiryInterval) ?? 0;
        _will = connect.Will;
        lock (_lock)
        {
            // Under the lock, so that no message of the resumed session is written before the CONNACK.
            if (router.Attach(this, connect, out var isPresent) is not { } session)
            {
                return RefuseConnect(MqttClientConnectResultCode.QuotaExceeded);
            }
            _answerWriter.Write(_answers, new MqttConnAckPacket(isPresent, 0, ConnAckProperties(isAssigned)));
            _session = session;
        }
        Wake();
        return true;
    }

    private bool RefuseConnect(MqttClientConnectResultCode code)
    {
        lock (_lock)
        {
            _answerWriter.Write(_answers, new MqttConnAckPacket(false, code));
        }
        _isReadingDone = true;
        Wake();
        return true;
    }

    private MqttProperties ConnAckProperties(bool isAssigned)
    {
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ReceiveMaximum, options.ReceiveMaximum);
        properties.Add(MqttPropertyId.MaximumQoS, (uint)MaximumQoS);
        properties.Add(MqttPropertyId.MaximumPacketSize, (uint)options.MaximumPacketSize);
        properties.Add(MqttPropertyId.SharedSubscriptionAvailable, 0);
        if (isAssigned)
        {
            properties.Add(MqttPropertyId.AssignedClientIdentifier, ClientId);
        }
        if (options.ServerKeepAlive is { } keepAlive)
        {
            properties.Add(MqttPropertyId.ServerKeepAlive, (uint)keepAlive.TotalSeconds);
        }
        return properties;
    }

    private bool TryPublish(in MqttPublishPacket packet, out MqttReadFault fault)
    {
        fault = default;
        if (packet.QoS > MaximumQoS)
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.QoSNotSupported, "[MQTT-3.2.2-11] QoS 2 came.");
        }
        else if (packet.TopicAlias != 0)
        {
            fault = new MqttReadFault(MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.2.2-17] An alias came.");
        }
        else if (packet.SubscriptionIdentifiers.Count > 0)
        {
            fault = MqttReadFault.Protocol("[MQTT-3.3.4-6] A client sent a subscription identifier.");
        }
        if (fault.Reason is not null)
        {
            return false;
        }
        var code = options.AuthorizePublish?.Invoke(ClientId, packet.Message) ?? MqttClientPublishReasonCode.Success;
        if ((int)code < 0x80)
        {
            code = router.Route(packet.Message, ClientId);
        }
        if (packet.QoS != MqttQualityOfServiceLevel.AtMostOnce)
        {
            lock (_lock)
            {
                _answerWriter.Write(_answers, new MqttAckPacket(MqttPacketType.PubAck, packet.PacketId, (byte)code));
            }
            Wake();
        }
        return true;
    }

    private bool Subscribe(in MqttSubscribePacket packet)
    {
        var identifier = packet.Properties?.Number(MqttPropertyId.SubscriptionIdentifier);
        var codes = new byte[packet.Filters.Count];
        lock (_lock)
        {
            // Under the lock, so that no retained message is written before the SUBACK.
            for (var i = 0; i < codes.Length; i++)
            {
                codes[i] = (byte)Subscribe(packet.Filters[i], identifier);
            }
            _answerWriter.Write(_answers, new MqttSubAckPacket(MqttPacketType.SubAck, packet.PacketId, codes));
        }
        Wake();
        return true;
    }

    private MqttClientSubscribeResultCode Subscribe(MqttTopicFilter filter, uint? identifier) =>
        MqttTopic.IsShared(filter.Topic)
            ? MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported
            : options.AuthorizeSubscribe?.Invoke(ClientId, filter) is { } code && (int)code >= 0x80
                ? code
                : router.Subscribe(_session!, filter, identifier);

    private bool Unsubscribe(in MqttUnsubscribePacket packet)
    {
        var codes = packet.Filters.Select(f => (byte)router.Unsubscribe(_session!, f)).ToArray();
        lock (_lock)
        {
            _answerWriter.Write(_answers, new MqttSubAckPacket(MqttPacketType.UnsubAck, packet.PacketId, codes));
        }
        Wake();
        return true;
    }

    private bool Answer(MqttPacketType pingType)
    {
        lock (_lock)
        {
            MqttPacketWriter.WritePing(_answers, pingType);
        }
        Wake();
        return true;
    }

    private bool TryEndByClient(in MqttDisconnectPacket packet, out MqttReadFault fault)
    {
        fault = default;
        if (packet.Properties?.Number(MqttPropertyId.SessionExpiryInterval) is { } seconds)
        {
            if (_sessionExpirySeconds == 0 && seconds != 0)
            {
                fault = MqttReadFault.Protocol("§3.14.2.2.2: The session expiry was 0 and can't be raised.");
                return false;
            }
            _sessionExpirySeconds = seconds;
        }
        if ((MqttDisconnectReasonCode)packet.ReasonCode == MqttDisconnectReasonCode.NormalDisconnection)
        {
            _will = null;
        }
        _isReadingDone = true;
        return true;
    }
}
