using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

public class PocketBrokerExactlyOnceTests
{
    [Fact]
    public async Task Message_is_routed_once_however_often_it_comes_before_PUBREL()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var subscriber = await RawMqttClient.ConnectAsync(broker, "s");
        using var publisher = await RawMqttClient.ConnectAsync(broker, "p", expirySeconds: 60);
        await subscriber.SubscribeAsync("a");
        await publisher.PublishAsync("a", "x", qos: 2, packetId: 5);
        (await publisher.HearLineAsync()).Should().Be("PUBREC 5 00");
        await publisher.PublishAsync("a", "x", qos: 2, packetId: 5, dup: true);
        (await publisher.HearLineAsync()).Should().Be("PUBREC 5 00");
        await publisher.VanishAsync();

        using var again = await RawMqttClient.ConnectAsync(
            broker, "p", cleanStart: false, expirySeconds: 60, isSessionPresent: true);
        await again.PublishAsync("a", "x", qos: 2, packetId: 5, dup: true);
        (await again.HearLineAsync()).Should().Be("PUBREC 5 00");
        await again.AcknowledgeAsync(MqttPacketType.PubRel, 5);
        (await again.HearLineAsync()).Should().Be("PUBCOMP 5 00");
        await again.AcknowledgeAsync(MqttPacketType.PubRel, 5);
        (await again.HearLineAsync()).Should().Be("PUBCOMP 5 92");
        await again.PublishAsync("a", "next", qos: 2, packetId: 5);
        (await again.HearLineAsync()).Should().Be("PUBREC 5 00");

        (await subscriber.HearTextAsync()).Should().Be("a=x");
        (await subscriber.HearTextAsync()).Should().Be("a=next");
        await subscriber.HearNothingAsync();
    }

    [Fact]
    public async Task Each_phase_is_sent_again_on_resume_in_order()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        (await first.SubscribeAsync(Filter("a", 2))).Should().Equal(2);
        for (var i = 1; i <= 4; i++)
        {
            broker.Publish(RawMqttClient.Message("a", $"{i}", qos: 2));
            (await first.HearLineAsync()).Should().Be($"PUBLISH a={i} QoS 2, id {i}");
        }
        foreach (ushort id in (int[])[3, 1])
        {
            await first.AcknowledgeAsync(MqttPacketType.PubRec, id);
            (await first.HearLineAsync()).Should().Be($"PUBREL {id} 00");
        }
        await first.VanishAsync();
        broker.Publish(RawMqttClient.Message("a", "5", qos: 2));

        using var second = await RawMqttClient.ConnectAsync(
            broker, "c", cleanStart: false, expirySeconds: 60, isSessionPresent: true);

        // [MQTT-4.6.0-4]: PUBREL in the order of PUBREC; [MQTT-4.6.0-1]: PUBLISH in the order of before.
        string[] heard =
        [
            await second.HearLineAsync(), await second.HearLineAsync(), await second.HearLineAsync(),
            await second.HearLineAsync(), await second.HearLineAsync(),
        ];
        heard.Should().Equal("PUBREL 3 00", "PUBREL 1 00", "PUBLISH a=2 QoS 2, id 2, dup",
            "PUBLISH a=4 QoS 2, id 4, dup", "PUBLISH a=5 QoS 2, id 5");
        foreach (ushort id in (int[])[2, 4, 5])
        {
            await second.AcknowledgeAsync(MqttPacketType.PubRec, id);
            (await second.HearLineAsync()).Should().Be($"PUBREL {id} 00");
        }
        foreach (ushort id in (int[])[1, 2, 3, 4, 5])
        {
            await second.AcknowledgeAsync(MqttPacketType.PubComp, id);
        }
        await second.HearNothingAsync();
        await second.VanishAsync();
        using var third = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true);
        await third.HearNothingAsync();
    }

    [Fact]
    public async Task Receive_Maximum_counts_until_PUBCOMP_or_a_refusal()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(
            broker, "c", properties: p => p.Add(MqttPropertyId.ReceiveMaximum, 2));
        await client.SubscribeAsync(Filter("a", 2));
        for (var i = 1; i <= 4; i++)
        {
            broker.Publish(RawMqttClient.Message("a", $"{i}", qos: 2));
        }
        (await client.HearLineAsync()).Should().StartWith("PUBLISH a=1");
        (await client.HearLineAsync()).Should().StartWith("PUBLISH a=2");

        await client.AcknowledgeAsync(MqttPacketType.PubRec, 1);
        (await client.HearLineAsync()).Should().Be("PUBREL 1 00");
        await client.HearNothingAsync();
        await client.AcknowledgeAsync(MqttPacketType.PubComp, 1);
        (await client.HearLineAsync()).Should().StartWith("PUBLISH a=3");
        await client.HearNothingAsync();
        await client.AcknowledgeAsync(MqttPacketType.PubRec, 2, 0x83);
        (await client.HearLineAsync()).Should().StartWith("PUBLISH a=4");
        await client.HearNothingAsync();
    }

    [Fact]
    public async Task Resumed_messages_stay_within_a_smaller_Receive_Maximum()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        await first.SubscribeAsync(Filter("a", 1));
        for (var i = 1; i <= 3; i++)
        {
            broker.Publish(RawMqttClient.Message("a", $"{i}", qos: 1));
            await first.HearLineAsync();
        }
        await first.VanishAsync();

        using var second = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true,
            properties: p => p.Add(MqttPropertyId.ReceiveMaximum, 1));

        for (ushort i = 1; i <= 3; i++)
        {
            (await second.HearLineAsync()).Should().Be($"PUBLISH a={i} QoS 1, id {i}, dup");
            await second.HearNothingAsync();
            await second.AcknowledgeAsync(MqttPacketType.PubAck, i);
        }
    }

    [Fact]
    public async Task Client_that_exceeds_the_Receive_Maximum_is_disconnected()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { ReceiveMaximum = 2 });
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        foreach (ushort id in (int[])[1, 2])
        {
            await client.PublishAsync("a", qos: 2, packetId: id);
            (await client.HearLineAsync()).Should().Be($"PUBREC {id} 10");
        }
        await client.PublishAsync("a", qos: 2, packetId: 2, dup: true);
        (await client.HearLineAsync()).Should().Be("PUBREC 2 00");

        await client.PublishAsync("a", qos: 1, packetId: 3);

        (await client.HearLineAsync()).Should().Be("DISCONNECT 93");
        await client.HearEndAsync();
    }

    [Fact]
    public async Task Acknowledgements_that_do_not_fit_are_refused_and_unknown_ones_are_not()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync(Filter("a", 2));
        await client.AcknowledgeAsync(MqttPacketType.PubAck, 77);
        await client.AcknowledgeAsync(MqttPacketType.PubComp, 77);
        await client.AcknowledgeAsync(MqttPacketType.PubRec, 77);
        (await client.HearLineAsync()).Should().Be("PUBREL 77 92");
        broker.Publish(RawMqttClient.Message("a", "1", qos: 2));
        (await client.HearLineAsync()).Should().StartWith("PUBLISH a=1");

        await client.AcknowledgeAsync(MqttPacketType.PubAck, 1);

        (await client.HearLineAsync()).Should().Be("DISCONNECT 82");
    }

    [Fact]
    public async Task QoS_1_with_an_identifier_of_an_open_QoS_2_message_is_refused()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.PublishAsync("a", qos: 2, packetId: 9);
        (await client.HearLineAsync()).Should().Be("PUBREC 9 10");

        await client.PublishAsync("a", qos: 1, packetId: 9);

        (await client.HearLineAsync()).Should().Be("PUBACK 9 91");
    }

    [Fact]
    public async Task Session_of_our_client_sends_and_gets_QoS_2()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await SessionClient.ConnectAsync(broker, new MqttSessionOptions { ClientId = "c" });
        client.Session.Subscribe([Filter("a", 2)], null, client.Now);
        await client.NextAsync(MqttEventKind.SubscribeCompleted);

        client.Session.Publish(RawMqttClient.Message("a", "x", qos: 2), client.Now);

        MqttEvent[] events = [await client.NextAsync(), await client.NextAsync()];
        events.Select(e => e.Kind).Should().BeEquivalentTo(
            [MqttEventKind.MessageReceived, MqttEventKind.PublishCompleted]);
        events.Single(e => e.Kind == MqttEventKind.PublishCompleted).PublishResult!.IsSuccess.Should().BeTrue();
    }

    private static MqttTopicFilter Filter(string topic, int qos) =>
        new() { Topic = topic, QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos };
}
