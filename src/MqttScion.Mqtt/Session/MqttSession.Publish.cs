namespace MqttScion.Mqtt;

public sealed partial class MqttSession
{
    private const int MaximumUnused = 1024;

    /// <summary>Completed publishes, to be used again: one allocation less for each message.</summary>
    private readonly Stack<MqttInflightPublish> _unused = [];

    private string? _lastValidTopic;

    /// <summary>Publishes a message. Returns the token that its <see cref="MqttEventKind.PublishCompleted"/> will
    /// carry.</summary>
    /// <remarks>
    /// QoS 0 completes when the message is in the output. QoS 1 and 2 wait in order when the server's Receive Maximum
    /// is used up. A message that is not valid, that the server's CONNACK forbids, or for which
    /// <see cref="CanPublish"/> is false, completes at once with a failure. A message that is sent late says so in its
    /// Message Expiry Interval; one whose lifetime is over before it is sent completes with
    /// <see cref="MqttClientPublishReasonCode.MessageExpired"/>.
    /// </remarks>
    /// <param name="message">The message.</param>
    /// <param name="now">The time.</param>
    /// <param name="age">How much of the message's lifetime is over, because it waited elsewhere before.</param>
    public int Publish(MqttApplicationMessage message, TimeSpan now, TimeSpan age = default) =>
        PublishReserved(message, now, age, packetId: 0, mayHaveBeenSent: false);

    /// <summary>Publishes a QoS 1 or 2 message under a packet identifier that the owner chose.</summary>
    /// <remarks>For an owner that stores the identifier before the message leaves, so that after a crash it can be
    /// sent again under the same one.</remarks>
    /// <param name="message">The message.</param>
    /// <param name="now">The time.</param>
    /// <param name="age">How much of the message's lifetime is over, because it waited elsewhere before.</param>
    /// <param name="packetId">An identifier above <see cref="MqttSessionOptions.HighestPacketId"/> that no publish
    /// uses; 0 lets the session choose.</param>
    /// <param name="mayHaveBeenSent">True when an earlier connection may have sent it under this identifier: if the
    /// server kept the session, it says DUP, and its lifetime is not looked at [MQTT-4.3.3-7].</param>
    /// <exception cref="ArgumentException">The identifier is the session's to give, or in use.</exception>
    public int PublishReserved(
        MqttApplicationMessage message, TimeSpan now, TimeSpan age, ushort packetId, bool mayHaveBeenSent)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (packetId != 0 && (packetId <= _options.HighestPacketId || _inflight.IsInUse(packetId)
            || message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce))
        {
            throw new ArgumentException(
                $"The packet identifier {packetId} is in use, given out by the session, or of a QoS 0 message.",
                nameof(packetId));
        }
        mayHaveBeenSent &= packetId != 0 && ConnectResult?.IsSessionPresent == true;
        var token = unchecked(++_lastToken);
        if (FindRefusal(message) is { } refusal)
        {
            _events.Enqueue(new MqttEvent(MqttEventKind.PublishCompleted, refusal, token));
        }
        else if (!mayHaveBeenSent && IsOver(message, age))
        {
            _events.Enqueue(new MqttEvent(MqttEventKind.PublishCompleted, Expired(message), token));
        }
        else if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
        {
            Write(new MqttPublishPacket(message) { MessageExpiryInterval = RemainingLifetime(message, age) }, now);
            _events.Enqueue(new MqttEvent(MqttEventKind.PublishCompleted, MqttClientPublishResult.Sent, token));
        }
        else
        {
            if (!_unused.TryPop(out var publish))
            {
                publish = new MqttInflightPublish();
            }
            publish.Token = token;
            publish.Message = message;
            publish.AcceptedAt = now - age;
            publish.ReservedPacketId = packetId;
            publish.MayHaveBeenSent = mayHaveBeenSent;
            _waiting.Enqueue(publish);
            SendWaiting(now);
        }
        return token;
    }

    /// <summary>Lets the PUBREL go out that <see cref="MqttSessionOptions.HoldsReleases"/> holds. False when none is
    /// held.</summary>
    /// <param name="packetId">The identifier of the <see cref="MqttEventKind.PublishReleased"/>.</param>
    /// <param name="now">The time.</param>
    public bool Release(ushort packetId, TimeSpan now)
    {
        if (State != MqttSessionState.Connected
            || !_inflight.TryGet<MqttInflightPublish>(packetId, out var publish) || !publish.IsReleaseHeld)
        {
            return false;
        }
        publish.IsReleaseHeld = false;
        Reply(new MqttAckPacket(MqttPacketType.PubRel, packetId), now);
        return true;
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
        if ((int)reasonCode > byte.MaxValue
            || !MqttReasonCodeTable.IsAllowed(MqttPacketType.PubAck, (byte)reasonCode))
        {
            throw new ArgumentOutOfRangeException(nameof(reasonCode), reasonCode, "Not a reason code of PUBACK.");
        }
        if (State != MqttSessionState.Connected || !_acknowledgements.TryAnswer(packetId, (byte)reasonCode))
        {
            return false;
        }
        SendAcknowledgements(now);
        if (IsReadingPaused && _pingSent is not null)
        {
            _pingSent = now; // The owner is about to read again, and the wait for the answer begins.
        }
        return true;
    }

    private MqttClientPublishResult? FindRefusal(MqttApplicationMessage message)
    {
        if (State != MqttSessionState.Connected)
        {
            return Refusal(MqttClientPublishReasonCode.UnspecifiedError, $"The session is {State}.");
        }
        if (FindForbidden(new MqttPublishPacket(message)) is { } forbidden)
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
    private MqttClientPublishResult? FindForbidden(in MqttPublishPacket packet)
    {
        var server = ConnectResult!;
        var message = packet.Message;
        var isAliasOnly = message.Topic.Length == 0 && packet.TopicAlias != 0 && packet.QoS == 0;
        string? error = null;
        if (!isAliasOnly && !IsValidTopic(message.Topic, ref error))
        {
            return Refusal(MqttClientPublishReasonCode.TopicNameInvalid, error!);
        }
        var fault = MqttPublishRules.FindMessageFault(message) ?? MqttPublishRules.FindServerFault(message, server);
        if (fault is not null)
        {
            return fault;
        }
        if (packet.TopicAlias > server.TopicAliasMaximum)
        {
            return MqttPublishRules.AliasFault(packet.TopicAlias, server.TopicAliasMaximum);
        }
        if (isAliasOnly && !_outgoingAliases.IsSetByUser(packet.TopicAlias))
        {
            return Refusal(MqttClientPublishReasonCode.TopicAliasInvalid,
                $"§3.3.2.3.4: No topic was published with topic alias {packet.TopicAlias} on this connection.");
        }
        return MqttPublishRules.IsPlainAndSmall(message, AllowedBytes)
            ? null
            : MqttPublishRules.FindSizeFault(packet, _writer.PropertiesOf(packet), AllowedBytes);
    }

    /// <summary>Checks a topic name; the very string that was checked last needs no second look.</summary>
    private bool IsValidTopic(string topic, ref string? error)
    {
        if (ReferenceEquals(topic, _lastValidTopic))
        {
            return true;
        }
        if (!MqttTopic.TryValidateTopic(topic, out error))
        {
            return false;
        }
        _lastValidTopic = topic;
        return true;
    }

    private static MqttClientPublishResult Refusal(MqttClientPublishReasonCode code, string reason) =>
        MqttPublishRules.Refusal(code, reason);

    private bool CanSendNext => !IsOutputHigh && !_inflight.IsFull
        && SentPublishCount < ConnectResult!.ReceiveMaximum;

    /// <summary>Sends what waits, in order, as far as the server's Receive Maximum and our output allow.</summary>
    private void SendWaiting(TimeSpan now)
    {
        while (TrySendNext(now))
        {
        }
    }

    /// <summary>Sends the next publish that waits, or gives it up; false when there is none that may go now.</summary>
    internal bool TrySendNext(TimeSpan now)
    {
        if (_waiting.Count == 0 || !CanSendNext)
        {
            return false;
        }
        var publish = _waiting.Dequeue();
        var message = publish.Message;
        var age = now - publish.AcceptedAt;
        var isResent = publish.WasSent || publish.MayHaveBeenSent;
        // [MQTT-4.3.3-7]: Expiry is not applied any more once the message was sent.
        if (!isResent && IsOver(message, age))
        {
            Complete(publish, Expired(message));
            return true;
        }
        if (!publish.WasSent)
        {
            TakePacketId(publish);
            Report(MqttEventKind.PublishSent, publish);
        }
        _inflight.OnSent(publish);
        Write(new MqttPublishPacket(message)
        {
            PacketId = publish.PacketId,
            Dup = isResent,
            TopicAlias = publish.IsOfEarlierConnection ? (ushort)0 : message.TopicAlias,
            MessageExpiryInterval = RemainingLifetime(message, age),
        }, now);
        return true;
    }

    private void TakePacketId(MqttInflightPublish publish)
    {
        if (publish.ReservedPacketId == 0)
        {
            publish.PacketId = _inflight.Add(publish);
            return;
        }
        publish.PacketId = publish.ReservedPacketId;
        _inflight.Add(publish.PacketId, publish);
    }

    private void Report(MqttEventKind progress, MqttInflightPublish publish)
    {
        if (_options.ReportPublishProgress)
        {
            _events.Enqueue(new MqttEvent(progress, null, publish.Token, publish.PacketId));
        }
    }

    private void Write(in MqttPublishPacket packet, TimeSpan now)
    {
        _writer.Write(_output, WithAlias(packet));
        _lastSent = now;
    }

    /// <summary>Makes the topic shorter when the server knows an alias for it, or may learn one.</summary>
    private MqttPublishPacket WithAlias(in MqttPublishPacket packet)
    {
        // An alias is a property of 3 bytes, and may make two length fields longer.
        const int LongestGrowth = 5;
        const int ShortestTopic = 8;
        var topic = packet.Message.Topic;
        if (packet.TopicAlias != 0)
        {
            _outgoingAliases.SetByUser(packet.TopicAlias);
        }
        else if (_outgoingAliases.IsAutomatic && topic.Length >= ShortestTopic)
        {
            if (_outgoingAliases.TryUse(topic, out var alias))
            {
                return packet with { TopicAlias = alias, IsTopicOmitted = true };
            }
            if (_writer.LengthOf(packet) + LongestGrowth <= AllowedBytes)
            {
                return packet with { TopicAlias = _outgoingAliases.Assign(topic) };
            }
        }
        return packet;
    }

    /// <summary>§3.3.2.3.3 counts whole seconds: a lifetime of 0 has not passed before the first one has.</summary>
    private static bool IsOver(MqttApplicationMessage message, TimeSpan age) =>
        message.MessageExpiryInterval is { } seconds && age.TotalSeconds >= Math.Max(1, seconds);

    /// <summary>What is left of the lifetime in seconds; at least 1, which some servers need to see.</summary>
    private static uint? RemainingLifetime(MqttApplicationMessage message, TimeSpan age) =>
        message.MessageExpiryInterval is { } seconds && age >= TimeSpan.FromSeconds(1)
            ? (uint)Math.Max(1, seconds - Math.Floor(age.TotalSeconds))
            : message.MessageExpiryInterval;

    private static MqttClientPublishResult Expired(MqttApplicationMessage message) => Refusal(
        MqttClientPublishReasonCode.MessageExpired,
        $"§3.3.2.3.3: The lifetime of {message.MessageExpiryInterval} s was over before the message could be sent.");

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
    private void ResumeInflight(bool isSessionPresent, TimeSpan now)
    {
        if (!isSessionPresent)
        {
            _acknowledgements.Clear();
        }
        for (var count = _waiting.Count; count > 0; count--)
        {
            var publish = _waiting.Dequeue();
            publish.IsOfEarlierConnection = true;
            publish.IsReleaseHeld = publish.IsReleaseRepeated = false;
            publish.MayHaveBeenSent &= isSessionPresent;
            if (publish.IsReleased && isSessionPresent)
            {
                // [MQTT-3.3.4-8]: PUBREL does not wait for the Receive Maximum, but counts.
                _inflight.Add(publish.PacketId, publish);
                _inflight.OnSent(publish);
                publish.IsReleaseRepeated = true;
                _writer.Write(_output, new MqttAckPacket(MqttPacketType.PubRel, publish.PacketId));
                _lastSent = now;
                continue;
            }
            if (publish.IsReleased)
            {
                Complete(publish, Refusal(MqttClientPublishReasonCode.UnspecifiedError,
                    "The server lost the session between PUBREC and PUBCOMP; the message may have been delivered."));
                continue;
            }
            if (FindForbidden(new MqttPublishPacket(publish.Message) { TopicAlias = 0 }) is { } forbidden)
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
        if (_unused.Count < MaximumUnused)
        {
            publish.Message = null!;
            publish.PacketId = publish.ReservedPacketId = 0;
            publish.IsReleased = publish.IsOnConnection = publish.IsOfEarlierConnection = false;
            publish.MayHaveBeenSent = publish.IsReleaseHeld = publish.IsReleaseRepeated = false;
            _unused.Push(publish);
        }
    }
}
