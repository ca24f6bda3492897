namespace MqttScion.Mqtt;

public sealed partial class MqttSession
{
    /// <summary>Publishes a message. Returns the token that its <see cref="MqttEventKind.PublishCompleted"/> will
    /// carry.</summary>
    /// <remarks>
    /// QoS 0 completes when the message is in the output. QoS 1 and 2 wait in order when the server's Receive Maximum
    /// is used up. A message that is not valid, that the server's CONNACK forbids, or for which
    /// <see cref="CanPublish"/> is false, completes at once with a failure.
    /// </remarks>
    public int Publish(MqttApplicationMessage message, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(message);
        var token = ++_lastToken;
        if (FindRefusal(message) is { } refusal)
        {
            _events.Enqueue(new MqttEvent(MqttEventKind.PublishCompleted, refusal, token));
        }
        else if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            _writer.Write(_output, new MqttPublishPacket(message));
            _lastSent = now;
            _events.Enqueue(new MqttEvent(MqttEventKind.PublishCompleted, MqttClientPublishResult.Sent, token));
        }
        else
        {
            _waiting.Enqueue(new MqttInflightPublish(token, message));
            SendWaiting(now);
        }
        return token;
    }

    /// <summary>Answers a QoS 1 or 2 message, so that the server may send the next one.</summary>
    /// <remarks>May be called in any order; the answers leave in the order the messages came [MQTT-4.6.0-2].</remarks>
    /// <param name="packetId">The identifier of the <see cref="MqttEventKind.MessageReceived"/>.</param>
    /// <param name="reasonCode">Success, or why the message was not taken; one of the codes of PUBACK.</param>
    /// <param name="now">The time.</param>
    /// <returns>False when no such message waits for an answer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The code is not allowed in a PUBACK.</exception>
    public bool Acknowledge(ushort packetId, MqttClientPublishReasonCode reasonCode, TimeSpan now)
    {
        if (!MqttReasonCodeTable.IsAllowed(MqttPacketType.PubAck, (byte)reasonCode))
        {
            throw new ArgumentOutOfRangeException(nameof(reasonCode), reasonCode, "Not a reason code of PUBACK.");
        }
        if (State != MqttSessionState.Connected || !_acknowledgements.TryAnswer(packetId, (byte)reasonCode))
        {
            return false;
        }
        var wasUnread = IsOverReceiveMaximum;
        SendAcknowledgements(now);
        if (wasUnread && _pingSent is not null)
        {
            _pingSent = now; // The owner reads again, and the wait for the answer begins.
        }
        return true;
    }

    private MqttClientPublishResult? FindRefusal(MqttApplicationMessage message)
    {
        if (State != MqttSessionState.Connected)
        {
            return Refusal(MqttClientPublishReasonCode.UnspecifiedError, $"The session is {State}.");
        }
        if (FindForbidden(message) is { } forbidden)
        {
            return forbidden;
        }
        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce && IsOutputHigh)
        {
            return Refusal(MqttClientPublishReasonCode.QuotaExceeded,
                $"{_output.Count} bytes of output are pending; the bound is {_options.OutputHighWaterBytes}.");
        }
        return _waiting.Count >= _options.MaximumWaitingPublishes
            && message.QualityOfServiceLevel != MqttQualityOfServiceLevel.AtMostOnce
            && (_waiting.Count > 0 || !CanSendNext)
            ? Refusal(MqttClientPublishReasonCode.QuotaExceeded,
                $"{_waiting.Count} publishes are waiting; the bound is {_options.MaximumWaitingPublishes}.")
            : null;
    }

    /// <summary>Checks a message against the specification and against what the CONNACK allows.</summary>
    private MqttClientPublishResult? FindForbidden(MqttApplicationMessage message)
    {
        var server = ConnectResult!;
        var packet = new MqttPublishPacket(message);
        var isAliasOnly = message.Topic.Length == 0 && message.TopicAlias != 0 && packet.QoS == 0;
        if (!isAliasOnly && !MqttTopic.TryValidateTopic(message.Topic, out var error))
        {
            return Refusal(MqttClientPublishReasonCode.TopicNameInvalid, error);
        }
        if (message.ResponseTopic is { } responseTopic && !MqttTopic.TryValidateTopic(responseTopic, out error))
        {
            return Refusal(MqttClientPublishReasonCode.TopicNameInvalid, $"[MQTT-3.3.2-14] Response Topic: {error}");
        }
        if (message.QualityOfServiceLevel > server.MaximumQoS)
        {
            return Refusal(MqttClientPublishReasonCode.QoSNotSupported,
                $"[MQTT-3.2.2-11] The server takes QoS {(int)server.MaximumQoS} at most.");
        }
        if (message.Retain && !server.RetainAvailable)
        {
            return Refusal(MqttClientPublishReasonCode.RetainNotSupported,
                "[MQTT-3.2.2-14] The server does not take retained messages.");
        }
        if (message.TopicAlias > server.TopicAliasMaximum)
        {
            return Refusal(MqttClientPublishReasonCode.TopicAliasInvalid,
                $"[MQTT-3.2.2-17] The topic alias is {message.TopicAlias}; {server.TopicAliasMaximum} is allowed.");
        }
        if (!_writer.PropertiesOf(packet).IsWellFormed())
        {
            return Refusal(MqttClientPublishReasonCode.ImplementationSpecificError,
                "[MQTT-1.5.4-1] A property must be at most 65,535 bytes of UTF-8 without U+0000.");
        }
        var lengthBytes = _writer.LengthOf(packet);
        var allowedBytes = server.MaximumPacketSize ?? MqttFrame.MaxRemainingLength;
        return lengthBytes > allowedBytes
            ? Refusal(MqttClientPublishReasonCode.PacketTooLarge,
                $"[MQTT-3.2.2-15] The packet has {lengthBytes} bytes; the server takes {allowedBytes}.")
            : null;
    }

    private static MqttClientPublishResult Refusal(MqttClientPublishReasonCode code, string reason) =>
        new() { ReasonCode = code, ReasonString = reason, IsLocal = true };

    private bool CanSendNext => !IsOutputHigh && !_inflight.IsFull
        && _inflight.SentPublishCount < ConnectResult!.ReceiveMaximum;

    /// <summary>Sends what waits, in order, as far as the server's Receive Maximum and our output allow.</summary>
    private void SendWaiting(TimeSpan now)
    {
        while (_waiting.Count > 0 && CanSendNext)
        {
            var publish = _waiting.Dequeue();
            var isResent = publish.WasSent;
            if (!isResent)
            {
                publish.PacketId = _inflight.Add(publish);
            }
            _inflight.OnSent(publish);
            if (publish.IsReleased)
            {
                _writer.Write(_output, new MqttAckPacket(MqttPacketType.PubRel, publish.PacketId));
            }
            else
            {
                var packet = new MqttPublishPacket(publish.Message) { PacketId = publish.PacketId, Dup = isResent };
                _writer.Write(_output, isResent ? packet with { TopicAlias = 0 } : packet);
            }
            _lastSent = now;
        }
    }

    /// <summary>
    /// Sends the acknowledgements whose turn it is. They wait too while the output is high, so that a server that does
    /// not read is stopped by our Receive Maximum.
    /// </summary>
    private void SendAcknowledgements(TimeSpan now)
    {
        while (!IsOutputHigh && _acknowledgements.TryTakeNext(out var packet))
        {
            _writer.Write(_output, packet);
            _lastSent = now;
        }
    }

    /// <summary>Makes what an earlier connection left ready for this one (MQTT 5 §4.4).</summary>
    private void ResumeInflight(bool isSessionPresent)
    {
        if (!isSessionPresent)
        {
            _acknowledgements.Clear();
        }
        for (var count = _waiting.Count; count > 0; count--)
        {
            var publish = _waiting.Dequeue();
            if (!isSessionPresent && publish.IsReleased)
            {
                Complete(publish, Refusal(MqttClientPublishReasonCode.UnspecifiedError,
                    "The server lost the session between PUBREC and PUBCOMP; the message may have been delivered."));
                continue;
            }
            if (!publish.IsReleased && FindForbidden(publish.Message) is { } forbidden)
            {
                Complete(publish, forbidden);
                continue;
            }
            if (!isSessionPresent)
            {
                publish.PacketId = 0;
            }
            else if (publish.WasSent)
            {
                _inflight.Add(publish.PacketId, publish);
            }
            _waiting.Enqueue(publish);
        }
    }

    private void Complete(MqttInflightPublish publish, MqttClientPublishResult result)
    {
        _inflight.Remove(publish.PacketId);
        _events.Enqueue(new MqttEvent(MqttEventKind.PublishCompleted, result, publish.Token));
    }
}
