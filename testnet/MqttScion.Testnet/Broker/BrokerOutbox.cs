using System.Diagnostics.CodeAnalysis;
using MqttScion.Mqtt;

namespace MqttScion.Testnet;

/// <summary>What waits for one client: QoS 0 and QoS 1 in order, bounded, within the client's Receive
/// Maximum.</summary>
/// <remarks>Thread-safe: publishers put in, the client's connection takes out.</remarks>
internal sealed class BrokerOutbox(PocketBrokerOptions options, BrokerCounters counters)
{
    private readonly Lock _lock = new();
    private readonly Queue<BrokerDelivery> _atMostOnce = [];
    private readonly LinkedList<BrokerDelivery> _atLeastOnce = [];
    private readonly Dictionary<ushort, BrokerDelivery> _inflight = [];
    private readonly MqttPacketWriter _measure = new();
    private object? _owner;
    private long _queuedBytes;
    private long _lastSequence;
    private ushort _lastPacketId;
    private ushort _receiveMaximum;
    private long _maximumPacketSize;

    private int QueuedMessages => _atMostOnce.Count + _atLeastOnce.Count + _inflight.Count;

    /// <summary>Starts a connection: what the last one left unacknowledged goes first again.</summary>
    public void Attach(object owner, ushort receiveMaximum, long maximumPacketSize)
    {
        lock (_lock)
        {
            _owner = owner;
            _receiveMaximum = receiveMaximum;
            _maximumPacketSize = maximumPacketSize;
            foreach (var delivery in _inflight.Values.OrderByDescending(d => d.Sequence))
            {
                _atLeastOnce.AddFirst(delivery);
            }
            _inflight.Clear();
        }
    }

    /// <summary>Ends a connection: QoS 0 does not wait for the next one.</summary>
    public void Detach()
    {
        lock (_lock)
        {
            _queuedBytes -= _atMostOnce.Sum(d => (long)d.Message.Payload.Length);
            _atMostOnce.Clear();
        }
    }

    /// <summary>Puts a message in; false when the queue is full.</summary>
    public bool TryAdd(BrokerDelivery delivery)
    {
        var lengthBytes = delivery.Message.Payload.Length;
        lock (_lock)
        {
            if (QueuedMessages >= options.MaximumQueuedMessages
                || (_queuedBytes > 0 && _queuedBytes + lengthBytes > options.MaximumQueuedBytes))
            {
                return false;
            }
            _queuedBytes += lengthBytes;
            delivery.Sequence = ++_lastSequence;
            if (delivery.QoS == MqttQualityOfServiceLevel.AtMostOnce)
            {
                _atMostOnce.Enqueue(delivery);
            }
            else
            {
                _atLeastOnce.AddLast(delivery);
            }
            return true;
        }
    }

    /// <summary>Takes the next packet that may be sent now; QoS 0 passes QoS 1 that waits for an
    /// acknowledgement.</summary>
    /// <remarks>A connection that was taken over is no longer the owner and gets nothing.</remarks>
    public bool TryTake(object owner, out MqttPublishPacket packet)
    {
        lock (_lock)
        {
            while (owner == _owner && TryTakeDelivery(out var delivery))
            {
                var now = options.TimeProvider.GetUtcNow();
                packet = new MqttPublishPacket(delivery.Message)
                {
                    QoS = delivery.QoS,
                    Retain = delivery.Retain,
                    Dup = delivery.PacketId != 0,
                    PacketId = delivery.PacketId,
                    TopicAlias = 0,
                    MessageExpiryInterval = delivery.Expiry.SecondsLeft(now),
                    SubscriptionIdentifiers = delivery.SubscriptionIdentifiers,
                };
                if (delivery.Expiry.IsOver(now) && delivery.PacketId == 0)
                {
                    counters.OnExpired();
                }
                else if (_measure.LengthOf(packet) > _maximumPacketSize)
                {
                    // [MQTT-3.1.2-25]: As if the message had been sent.
                    counters.OnDroppedTooLarge();
                }
                else
                {
                    packet = Register(delivery, packet);
                    counters.OnDelivered();
                    return true;
                }
                _queuedBytes -= delivery.Message.Payload.Length;
            }
        }
        packet = default;
        return false;
    }

    /// <summary>Ends a QoS 1 message; false when the identifier is not in use.</summary>
    public bool TryAcknowledge(object owner, ushort packetId)
    {
        lock (_lock)
        {
            if (owner != _owner || !_inflight.Remove(packetId, out var delivery))
            {
                return false;
            }
            _queuedBytes -= delivery.Message.Payload.Length;
            return true;
        }
    }

    private bool TryTakeDelivery([NotNullWhen(true)] out BrokerDelivery? delivery)
    {
        var mayAtLeastOnce = _inflight.Count < _receiveMaximum && _atLeastOnce.Count > 0;
        if (_atMostOnce.TryPeek(out delivery)
            && !(mayAtLeastOnce && _atLeastOnce.First!.Value.Sequence < delivery.Sequence))
        {
            _atMostOnce.Dequeue();
            return true;
        }
        delivery = mayAtLeastOnce ? _atLeastOnce.First!.Value : null;
        if (mayAtLeastOnce)
        {
            _atLeastOnce.RemoveFirst();
        }
        return mayAtLeastOnce;
    }

    private MqttPublishPacket Register(BrokerDelivery delivery, in MqttPublishPacket packet)
    {
        if (delivery.QoS == MqttQualityOfServiceLevel.AtMostOnce)
        {
            _queuedBytes -= delivery.Message.Payload.Length;
            return packet;
        }
        if (delivery.PacketId == 0)
        {
            do
            {
                _lastPacketId = _lastPacketId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastPacketId + 1);
            }
            while (IsInUse(_lastPacketId));
            delivery.PacketId = _lastPacketId;
        }
        _inflight.Add(delivery.PacketId, delivery);
        return packet with { PacketId = delivery.PacketId };
    }

    /// <summary>Also the identifiers that wait for their second delivery, which are all at the front.</summary>
    private bool IsInUse(ushort packetId) => _inflight.ContainsKey(packetId)
        || _atLeastOnce.TakeWhile(d => d.PacketId != 0).Any(d => d.PacketId == packetId);
}
