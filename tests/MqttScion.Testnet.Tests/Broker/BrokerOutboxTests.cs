using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

public class BrokerOutboxTests
{
    /// <summary>A client that acknowledges in any order, loses connections and packets on them, and comes back: QoS 1
    /// must arrive at least once, QoS 2 exactly once, first deliveries in order, and never too many be open.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_client_gets_everything_within_its_Receive_Maximum(int seed)
    {
        var random = new Random(seed);
        var outbox = new BrokerOutbox(new PocketBrokerOptions(), new BrokerCounters());
        var client = new ModelClient(random, outbox);
        client.Connect();
        for (var i = 0; i < 2000; i++)
        {
            if (random.Next(2) == 0)
            {
                var qos = (MqttQualityOfServiceLevel)random.Next(1, 3);
                var message = RawMqttClient.Message("a", $"{client.Published.Count}", (int)qos);
                client.Published.Add(qos);
                outbox.TryAdd(new BrokerDelivery(new BrokerMessage(message, default), qos, retain: false))
                    .Should().BeTrue();
            }
            client.Step();
            if (random.Next(40) == 0)
            {
                client.Connect();
            }
        }
        client.Drain();

        for (var i = 0; i < client.Published.Count; i++)
        {
            var count = client.Arrived.Count(a => a == i);
            if (client.Published[i] == MqttQualityOfServiceLevel.ExactlyOnce)
            {
                count.Should().Be(1, "message {0} has QoS 2", i);
            }
            else
            {
                count.Should().BeGreaterThan(0, "message {0} has QoS 1", i);
            }
        }
        client.Arrived.Distinct().Should().BeInAscendingOrder();
    }

    /// <summary>The client's half of QoS 1 and 2, as §4.3 and §4.4 tell it.</summary>
    private sealed class ModelClient(Random random, BrokerOutbox outbox)
    {
        private readonly HashSet<ushort> _received = [];
        private readonly List<MqttAckPacket> _toSay = [];
        private readonly List<BrokerOutgoing> _batch = [];
        private readonly HashSet<ushort> _open = [];
        private object _owner = new();
        private int _receiveMaximum;

        public List<MqttQualityOfServiceLevel> Published { get; } = [];

        public List<int> Arrived { get; } = [];

        public void Connect()
        {
            outbox.Detach();
            _owner = new object();
            _open.Clear();
            _toSay.Clear(); // Acknowledgements that were not sent are lost with the connection.
            _receiveMaximum = random.Next(1, 6);
            outbox.Attach(_owner, (ushort)_receiveMaximum, long.MaxValue);
        }

        public void Step()
        {
            Take(maximumBytes: random.Next(1, 200));
            if (_toSay.Count > 0 && random.Next(3) > 0)
            {
                Say(random.Next(_toSay.Count));
            }
        }

        public void Drain()
        {
            do
            {
                Take(maximumBytes: 1000);
                while (_toSay.Count > 0)
                {
                    Say(0);
                }
                Take(maximumBytes: 1000);
            }
            while (_toSay.Count > 0);
        }

        private void Take(long maximumBytes)
        {
            outbox.Take(_owner, _batch, maximumBytes);
            foreach (var outgoing in _batch)
            {
                if (outgoing.IsRelease)
                {
                    Hear(new MqttAckPacket(MqttPacketType.PubRel, outgoing.PacketId));
                    continue;
                }
                _open.Add(outgoing.PacketId).Should().BeTrue("a packet identifier in use must not be used again");
                _open.Count.Should().BeLessThanOrEqualTo(_receiveMaximum);
                HearPublish(outgoing.ToPacket());
            }
            _batch.Clear();
        }

        private void HearPublish(in MqttPublishPacket packet)
        {
            var isExactlyOnce = packet.QoS == MqttQualityOfServiceLevel.ExactlyOnce;
            if (!isExactlyOnce || _received.Add(packet.PacketId))
            {
                Arrived.Add(int.Parse(
                    packet.Message.ConvertPayloadToString(), System.Globalization.CultureInfo.InvariantCulture));
            }
            _toSay.Add(new MqttAckPacket(
                isExactlyOnce ? MqttPacketType.PubRec : MqttPacketType.PubAck, packet.PacketId));
        }

        private void Hear(in MqttAckPacket release)
        {
            release.Type.Should().Be(MqttPacketType.PubRel);
            _received.Remove(release.PacketId);
            _toSay.Add(new MqttAckPacket(MqttPacketType.PubComp, release.PacketId));
        }

        private void Say(int index)
        {
            var ack = _toSay[index];
            _toSay.RemoveAt(index);
            if (ack.Type != MqttPacketType.PubRec)
            {
                _open.Remove(ack.PacketId);
            }
            outbox.TryAcknowledge(_owner, ack, out var answer).Should().BeTrue();
            if (answer is { } release)
            {
                Hear(release);
            }
        }
    }
}
