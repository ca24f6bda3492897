using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>[MQTT-3.3.1-9]: a new subscription gets all retained messages that match, however many there are.</summary>
public class PocketBrokerRetainedTests
{
    private const int Count = 500;

    private static readonly PocketBrokerOptions _smallQueue = new() { MaximumQueuedMessages = 40 };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task All_retained_messages_come_although_the_queue_is_shorter(int qos)
    {
        await using var broker = await StartAsync(_smallQueue);
        using var client = await RawMqttClient.ConnectAsync(broker, "c");

        (await client.SubscribeAsync(Filter("dev/+", qos))).Should().Equal((byte)qos);

        (await HearAsync(client, Count)).Should().BeEquivalentTo(
            Enumerable.Range(0, Count).Select(i => $"dev/{i}=old"));
        if (qos < 2) // Else PUBRELs follow.
        {
            await client.HearNothingAsync();
        }
    }

    [Fact]
    public async Task Live_messages_find_room_while_retained_ones_wait()
    {
        await using var broker = await StartAsync(_smallQueue);
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync(Filter("live", qos: 1));
        await client.SubscribeAsync(Filter("dev/+", qos: 1));

        broker.Publish(RawMqttClient.Message("live", "now", qos: 1))
            .Should().Be(MqttClientPublishReasonCode.Success, "its publisher is not to pay for the retained ones");

        (await HearAsync(client, Count + 1)).Should().Contain("live=now");
    }

    [Fact]
    public async Task Message_that_is_retained_anew_meanwhile_is_not_followed_by_the_old_one()
    {
        await using var broker = await StartAsync(_smallQueue);
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync(Filter("dev/+", qos: 1));
        broker.Publish(RawMqttClient.Message($"dev/{Count - 1}", "new", qos: 1, retain: true));
        broker.Publish(RawMqttClient.Message($"dev/{Count - 2}", "", retain: true));

        var heard = await HearAsync(client, Count + 1); // One is gone, and two come as they are published too.

        heard.Where(t => t.StartsWith($"dev/{Count - 1}=", StringComparison.Ordinal)).Should()
            .HaveCount(2).And.OnlyContain(t => t.EndsWith("=new", StringComparison.Ordinal));
        heard.Should().NotContain($"dev/{Count - 2}=old");
    }

    [Fact]
    public async Task Retained_messages_that_are_left_come_after_a_reconnect()
    {
        await using var broker = await StartAsync(_smallQueue);
        var heard = new HashSet<string>();
        using (var client = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 1000))
        {
            await client.SubscribeAsync(Filter("dev/+", qos: 1));
            heard.UnionWith(await HearAsync(client, 100));
            await client.LeaveAsync();
        }

        using var again = await RawMqttClient.ConnectAsync(
            broker, "c", cleanStart: false, expirySeconds: 1000, isSessionPresent: true);
        while (heard.Count < Count)
        {
            heard.UnionWith(await HearAsync(again, 1));
        }
    }

    [Fact]
    public async Task Unsubscribe_ends_what_is_left()
    {
        await using var broker = await StartAsync(_smallQueue);
        using var client = await RawMqttClient.ConnectAsync(
            broker, "c", properties: p => p.Add(MqttPropertyId.ReceiveMaximum, 1));
        await client.SubscribeAsync(Filter("end", qos: 1));
        await client.SubscribeAsync(Filter("dev/+", qos: 1));
        await client.SayAsync(new MqttUnsubscribePacket(12, ["dev/+"], null));
        var heard = 0;
        for (var text = ""; text != "end"; heard++)
        {
            switch (await client.HearAnyAsync())
            {
                case MqttPublishPacket publish:
                    text = publish.Message.Topic;
                    await client.AcknowledgeAsync(MqttPacketType.PubAck, publish.PacketId);
                    break;
                case MqttSubAckPacket:
                    broker.Publish(RawMqttClient.Message("end", "x", qos: 1)); // Behind what is queued.
                    break;
            }
        }

        heard.Should().BeLessThan(Count);
    }

    [Fact]
    public async Task Message_with_an_interval_of_0_is_delivered_at_once_and_says_0()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync(Filter("now", qos: 1));

        await client.PublishAsync("now", "x", qos: 1, packetId: 7, expiry: 0);

        (await client.HearAsync<MqttAckPacket>()).ReasonCode.Should().Be(0);
        (await client.HearAsync<MqttPublishPacket>()).Message.MessageExpiryInterval.Should().Be(0);
    }

    private static async Task<PocketBroker> StartAsync(PocketBrokerOptions options)
    {
        var broker = await PocketBroker.StartAsync(options);
        for (var i = 0; i < Count; i++)
        {
            broker.Publish(RawMqttClient.Message($"dev/{i}", "old", qos: 2, retain: true));
        }
        return broker;
    }

    /// <summary>So many messages as topic and text, each acknowledged.</summary>
    private static async Task<List<string>> HearAsync(RawMqttClient client, int count)
    {
        var heard = new List<string>();
        while (heard.Count < count)
        {
            switch (await client.HearAnyAsync())
            {
                case MqttPublishPacket publish:
                    heard.Add($"{publish.Message.Topic}={publish.Message.ConvertPayloadToString()}");
                    if (publish.PacketId != 0)
                    {
                        await client.AcknowledgeAsync(
                            publish.Message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce
                                ? MqttPacketType.PubAck
                                : MqttPacketType.PubRec,
                            publish.PacketId);
                    }
                    break;
                case MqttAckPacket { Type: MqttPacketType.PubRel } release:
                    await client.AcknowledgeAsync(MqttPacketType.PubComp, release.PacketId);
                    break;
                case var other:
                    throw new InvalidOperationException($"{other} came.");
            }
        }
        return heard;
    }

    private static MqttTopicFilter Filter(string topic, int qos) =>
        new() { Topic = topic, QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos };
}
