using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>What waits for one client: QoS 0, 1 and 2 in order, bounded, within the client's Receive
/// Maximum.</summary>
/// <remarks>Thread-safe: publishers put in, the client's connection takes out. Survives connections: what was sent
/// and not acknowledged is sent again in the same order, PUBRELs first.</remarks>
internal sealed class BrokerOutbox(PocketBrokerOptions options, BrokerCounters counters)
{
    private const byte PacketIdentifierNotFound = (byte)MqttClientPublishReasonCode.PacketIdentifierNotFound;

    /// <summary>So many retained messages wait here at most; further ones come as these go.</summary>
    private const int MostRetained = 1024;

    private readonly Lock _lock = new();
    private readonly Queue<BrokerDelivery> _atMostOnce = [];

    /// <summary>QoS 1 and 2 that were never sent.</summary>
    private readonly Queue<BrokerDelivery> _waiting = [];

    /// <summary>What the last connection left open, in the order in which it is sent again.</summary>
    private readonly Queue<BrokerDelivery> _resend = [];

    /// <summary>All that have a packet identifier: sent on this connection, or in <see cref="_resend"/>.</summary>
    private readonly Dictionary<ushort, BrokerDelivery> _open = [];

    private readonly MqttPacketWriter _measure = new();
    private PocketBrokerOptions _options = options;
    private BrokerCounters _counters = counters;
    private object? _owner;
    private long _queuedBytes;
    private long _lastSequence;
    private ushort _lastPacketId;
    private int _sentCount;
    private ushort _receiveMaximum;
    private long _maximumPacketSize;

    private int QueuedMessages => _atMostOnce.Count + _waiting.Count + _open.Count;

    /// <summary>Serves another broker with the same state.</summary>
    public void Adopt(PocketBrokerOptions options, BrokerCounters counters)
    {
        lock (_lock)
        {
            (_options, _counters) = (options, counters);
        }
    }

    /// <summary>Starts a connection: what the last one left unacknowledged goes first again.</summary>
    public void Attach(object owner, ushort receiveMaximum, long maximumPacketSize)
    {
        lock (_lock)
        {
            _owner = owner;
            _receiveMaximum = receiveMaximum;
            _maximumPacketSize = maximumPacketSize;
            _sentCount = 0;
            _resend.Clear();
            foreach (var delivery in _open.Values.OrderBy(d => !d.IsReleased).ThenBy(d => d.Sequence))
            {
                delivery.IsSent = false;
                _resend.Enqueue(delivery);
            }
        }
    }

    /// <summary>Ends a connection: QoS 0 does not wait for the next one.</summary>
    public void Detach()
    {
        lock (_lock)
        {
            _owner = null;
            _queuedBytes -= _atMostOnce.Sum(d => d.Message.CostBytes);
            _atMostOnce.Clear();
        }
    }

    /// <summary>Puts a message in; false when the queue is full.</summary>
    public bool TryAdd(BrokerDelivery delivery)
    {
        lock (_lock)
        {
            if (!HasRoom(delivery) && !(RemoveExpired() && HasRoom(delivery)))
            {
                return false;
            }
            _queuedBytes += delivery.Message.CostBytes;
            delivery.Sequence = ++_lastSequence;
            (delivery.QoS == MqttQualityOfServiceLevel.AtMostOnce ? _atMostOnce : _waiting).Enqueue(delivery);
            return true;
        }
    }

    /// <summary>True while retained messages may come in: half of the bounds are left to those that are published
    /// meanwhile.</summary>
    public bool HasRoomForRetained
    {
        get
        {
            lock (_lock)
            {
                return QueuedMessages < Math.Max(1, Math.Min(MostRetained, _options.MaximumQueuedMessages / 2))
                    && (_queuedBytes == 0 || _queuedBytes < _options.MaximumQueuedBytes / 2);
            }
        }
    }

    /// <summary>Takes what may be sent now, up to about these bytes; QoS 0 passes QoS 1 and 2 that wait for an
    /// acknowledgement.</summary>
    /// <remarks>A connection that was taken over is no longer the owner and gets nothing.</remarks>
    public long Take(object owner, List<BrokerOutgoing> batch, long maximumBytes)
    {
        long bytes = 0;
        lock (_lock)
        {
            while (owner == _owner && bytes < maximumBytes && TryDequeue(out var delivery))
            {
                if (Prepare(delivery) is { } outgoing)
                {
                    batch.Add(outgoing);
                    bytes += BrokerOutgoing.OverheadBytes + (outgoing.IsRelease ? 0 : delivery.Message.CostBytes);
                }
            }
        }
        return bytes;
    }

    /// <summary>Takes PUBACK, PUBREC or PUBCOMP, and gives the PUBREL that PUBREC is to be answered with.</summary>
    /// <returns>False when it is not what the message is to be acknowledged with.</returns>
    public bool TryAcknowledge(object owner, in MqttAckPacket ack, out MqttAckPacket? answer)
    {
        answer = null;
        lock (_lock)
        {
            if (owner != _owner)
            {
                return true;
            }
            if (!_open.TryGetValue(ack.PacketId, out var delivery))
            {
                answer = ack.Type == MqttPacketType.PubRec && ack.ReasonCode < 0x80
                    ? new MqttAckPacket(MqttPacketType.PubRel, ack.PacketId, PacketIdentifierNotFound)
                    : null;
                return true;
            }
            var expected = delivery.QoS == MqttQualityOfServiceLevel.AtLeastOnce ? MqttPacketType.PubAck
                : delivery.IsReleased && ack.Type == MqttPacketType.PubComp ? MqttPacketType.PubComp
                : MqttPacketType.PubRec;
            if (ack.Type != expected)
            {
                return false;
            }
            if (ack.Type != MqttPacketType.PubRec || ack.ReasonCode >= 0x80)
            {
                End(delivery);
                return true;
            }
            Release(delivery);
            answer = new MqttAckPacket(MqttPacketType.PubRel, ack.PacketId);
            return true;
        }
    }

    /// <summary>Takes back what came through shared subscriptions and may go to another client (§4.8.2): all that was
    /// never sent, and QoS 1 that was not acknowledged.</summary>
    public List<BrokerDelivery> TakeShared(Predicate<BrokerShareGroup> isWanted)
    {
        lock (_lock)
        {
            var shared = _open.Values
                .Where(d => d.QoS == MqttQualityOfServiceLevel.AtLeastOnce && d.Share is { } s && isWanted(s))
                .OrderBy(d => d.Sequence).ToList();
            shared.ForEach(End);
            for (var count = _waiting.Count; count > 0; count--)
            {
                var delivery = _waiting.Dequeue();
                if (delivery.Share is not { } share || !isWanted(share))
                {
                    _waiting.Enqueue(delivery);
                    continue;
                }
                _queuedBytes -= delivery.Message.CostBytes;
                shared.Add(delivery);
            }
            return shared;
        }
    }

    private bool HasRoom(BrokerDelivery delivery) => QueuedMessages < _options.MaximumQueuedMessages
        && (_queuedBytes == 0 || _queuedBytes + delivery.Message.CostBytes <= _options.MaximumQueuedBytes);

    /// <summary>Drops what expired before it was sent; true when that was anything.</summary>
    private bool RemoveExpired()
    {
        var now = _options.TimeProvider.GetUtcNow();
        var isAny = false;
        for (var count = _waiting.Count; count > 0; count--)
        {
            var delivery = _waiting.Dequeue();
            if (!delivery.Message.Expiry.IsOver(now))
            {
                _waiting.Enqueue(delivery);
                continue;
            }
            _queuedBytes -= delivery.Message.CostBytes;
            _counters.OnExpired();
            isAny = true;
        }
        return isAny;
    }

    private bool TryDequeue(out BrokerDelivery delivery)
    {
        while (_resend.TryPeek(out delivery!))
        {
            if (delivery.IsDone || delivery.IsSent)
            {
                _resend.Dequeue(); // It was acknowledged before it was sent again.
                continue;
            }
            // §4.9: Also PUBREL that is sent again takes a place of the quota; it is never held back.
            if (!delivery.IsReleased && _sentCount >= _receiveMaximum)
            {
                return _atMostOnce.TryDequeue(out delivery!);
            }
            return _resend.TryDequeue(out delivery!);
        }
        var mayAcknowledged = _sentCount < _receiveMaximum && _waiting.Count > 0;
        var isAtMostOnceNext = _atMostOnce.TryPeek(out var first)
            && !(mayAcknowledged && _waiting.Peek().Sequence < first.Sequence);
        return isAtMostOnceNext ? _atMostOnce.TryDequeue(out delivery!)
            : mayAcknowledged && _waiting.TryDequeue(out delivery!);
    }

    /// <summary>Makes a packet of a delivery, or drops it and returns null.</summary>
    private BrokerOutgoing? Prepare(BrokerDelivery delivery)
    {
        if (delivery.IsReleased)
        {
            Count(delivery);
            return new BrokerOutgoing(delivery, delivery.PacketId, IsRelease: true, IsDup: false, null);
        }
        var isDup = delivery.PacketId != 0;
        uint? secondsLeft = null;
        if (delivery.Message.Expiry.At is not null)
        {
            var now = _options.TimeProvider.GetUtcNow();
            secondsLeft = delivery.Message.Expiry.SecondsLeft(now);
            if (!isDup && delivery.Message.Expiry.IsOver(now))
            {
                _counters.OnExpired();
                _queuedBytes -= delivery.Message.CostBytes;
                return null;
            }
        }
        var packetId = delivery.QoS == MqttQualityOfServiceLevel.AtMostOnce ? (ushort)0
            : isDup ? delivery.PacketId : NextPacketId();
        var outgoing = new BrokerOutgoing(delivery, packetId, IsRelease: false, isDup, secondsLeft);
        if (_maximumPacketSize < MqttFrame.MaxRemainingLength
            && _measure.LengthOf(outgoing.ToPacket()) > _maximumPacketSize)
        {
            // [MQTT-3.1.2-25]: As if the message had been sent.
            _counters.OnDroppedTooLarge();
            _open.Remove(delivery.PacketId);
            delivery.IsDone = true;
            _queuedBytes -= delivery.Message.CostBytes;
            return null;
        }
        if (packetId == 0)
        {
            _queuedBytes -= delivery.Message.CostBytes;
        }
        else
        {
            delivery.PacketId = packetId;
            _open[packetId] = delivery;
            Count(delivery);
        }
        _counters.OnDelivered();
        return outgoing;
    }

    private void Count(BrokerDelivery delivery)
    {
        delivery.IsSent = true;
        _sentCount++;
    }

    private void Release(BrokerDelivery delivery)
    {
        if (delivery.IsReleased)
        {
            return;
        }
        // The client holds the message now; of it only the identifier is still needed.
        _queuedBytes -= delivery.Message.CostBytes;
        delivery.IsReleased = true;
        delivery.Sequence = ++_lastSequence;
        if (!delivery.IsSent)
        {
            Count(delivery);
        }
    }

    private void End(BrokerDelivery delivery)
    {
        _open.Remove(delivery.PacketId);
        _queuedBytes -= delivery.IsReleased ? 0 : delivery.Message.CostBytes;
        _sentCount -= delivery.IsSent ? 1 : 0;
        delivery.IsDone = true;
    }

    private ushort NextPacketId()
    {
        do
        {
            _lastPacketId = _lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPacketId + 1);
        }
        while (_open.ContainsKey(_lastPacketId));
        return _lastPacketId;
    }
}
