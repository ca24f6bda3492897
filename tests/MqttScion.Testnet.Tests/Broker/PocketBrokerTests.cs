using System.IO.Pipelines;
using MqttScion.Mqtt;
using MqttScion.Mqtt.Tests;

namespace MqttScion.Testnet.Tests;

public class PocketBrokerTests
{
    [Fact]
    public async Task Messages_go_to_matching_subscribers_only()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var all = await RawMqttClient.ConnectAsync(broker, "all");
        using var one = await RawMqttClient.ConnectAsync(broker, "one");
        using var publisher = await RawMqttClient.ConnectAsync(broker, "publisher");
        (await all.SubscribeAsync("#")).Should().Equal(1);
        (await one.SubscribeAsync("a/+/c")).Should().Equal(1);

        await publisher.PublishAsync("a/b/c", "1");
        await publisher.PublishAsync("$SYS/x", "2");
        await publisher.PublishAsync("a/b", "3");

        (await all.HearTextAsync()).Should().Be("a/b/c=1");
        (await all.HearTextAsync()).Should().Be("a/b=3");
        (await one.HearTextAsync()).Should().Be("a/b/c=1");
        await one.HearNothingAsync();
        await all.HearNothingAsync();
        broker.ConnectedClients.Should().BeEquivalentTo("all", "one", "publisher");
    }

    [Fact]
    public async Task QoS_1_is_acknowledged_on_both_sides()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.PublishAsync("a", "nobody", qos: 1, packetId: 7);
        (await client.HearAsync<MqttAckPacket>()).Should().Be(new MqttAckPacket(MqttPacketType.PubAck, 7, 0x10));
        (await client.SubscribeAsync(Filter("a", qos: 1))).Should().Equal(1);

        await client.PublishAsync("a", "x", qos: 1, packetId: 8);

        var first = await HearBothAsync(client);
        first.Ack.Should().Be(new MqttAckPacket(MqttPacketType.PubAck, 8));
        first.Publish.QoS.Should().Be(MqttQualityOfServiceLevel.AtLeastOnce);
        first.Publish.Dup.Should().BeFalse();
    }

    [Fact]
    public async Task QoS_1_stays_within_the_Receive_Maximum_of_the_client()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(
            broker, "c", properties: p => p.Add(MqttPropertyId.ReceiveMaximum, 2));
        await client.SubscribeAsync(Filter("a", qos: 1));
        for (var i = 0; i < 4; i++)
        {
            broker.Publish(RawMqttClient.Message("a", $"{i}", qos: 1));
        }
        broker.Publish(RawMqttClient.Message("a", "QoS 0 passes"));

        var first = await client.HearAsync<MqttPublishPacket>();
        await client.HearAsync<MqttPublishPacket>();
        (await client.HearTextAsync()).Should().Be("a=QoS 0 passes");
        await client.HearNothingAsync();
        await client.SayAsync(new MqttAckPacket(MqttPacketType.PubAck, first.PacketId));
        (await client.HearTextAsync()).Should().Be("a=2");
        await client.HearNothingAsync();
    }

    [Fact]
    public async Task Retained_messages_follow_retain_handling()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.PublishAsync("r/1", "one", retain: true);
        await client.PublishAsync("r/2", "two", retain: true);
        await client.PublishAsync("r/2", "", retain: true);

        await client.SubscribeAsync(Filter("r/#", qos: 1), identifier: 5);
        var message = (await client.HearAsync<MqttPublishPacket>()).Message;
        message.ConvertPayloadToString().Should().Be("one");
        message.Retain.Should().BeTrue();
        message.SubscriptionIdentifiers.Should().Equal(5);
        await client.HearNothingAsync();
        await client.SubscribeAsync(Filter("r/#") with
        {
            RetainHandling = MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly,
        });
        await client.HearNothingAsync();
        await client.SubscribeAsync(Filter("r/1") with { RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe });
        await client.HearNothingAsync();
        await client.SubscribeAsync("r/#");
        (await client.HearTextAsync()).Should().Be("r/1=one");
    }

    [Fact]
    public async Task Retain_as_published_no_local_and_overlap_are_honoured()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync(Filter("own") with { NoLocal = true });
        await client.SubscribeAsync("plain");
        await client.SubscribeAsync(Filter("kept/#", qos: 1) with { RetainAsPublished = true }, identifier: 1);
        await client.SubscribeAsync("kept/+", identifier: 2);

        await client.PublishAsync("own", "not for me");
        await client.PublishAsync("plain", "1", retain: true);
        (await client.HearAsync<MqttPublishPacket>()).Retain.Should().BeFalse();
        await client.PublishAsync("kept/a", "2", qos: 1, packetId: 3, retain: true);

        var (_, kept) = await HearBothAsync(client);
        kept.Retain.Should().BeTrue();
        kept.QoS.Should().Be(MqttQualityOfServiceLevel.AtLeastOnce);
        kept.SubscriptionIdentifiers.Should().Equal(1, 2);
        await client.HearNothingAsync();
    }

    [Fact]
    public async Task Unsubscribe_ends_the_messages()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync("a");

        await client.SayAsync(new MqttUnsubscribePacket(2, ["a", "never"]));

        (await client.HearAsync<MqttSubAckPacket>()).ReasonCodes.Should().Equal(0x00, 0x11);
        broker.Publish(RawMqttClient.Message("a")).Should().Be(MqttClientPublishReasonCode.NoMatchingSubscribers);
        await client.HearNothingAsync();
    }

    [Fact]
    public async Task Same_client_identifier_takes_the_session_over()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var former = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        await former.SubscribeAsync(Filter("a", qos: 1));
        broker.Publish(RawMqttClient.Message("a", "1", qos: 1));
        var sent = await former.HearAsync<MqttPublishPacket>();

        using var latter = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true);

        (await former.HearAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(0x8e);
        await former.HearEndAsync();
        var again = await latter.HearAsync<MqttPublishPacket>();
        again.Dup.Should().BeTrue();
        again.PacketId.Should().Be(sent.PacketId);
        await latter.SayAsync(new MqttAckPacket(MqttPacketType.PubAck, sent.PacketId));
        await latter.HearNothingAsync();
        broker.ConnectedClients.Should().Equal("c");
    }

    [Fact]
    public async Task Session_keeps_messages_until_it_expires()
    {
        var clock = new TestClock();
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { TimeProvider = clock });
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        await first.SubscribeAsync(Filter("a", qos: 1));
        await first.SayAsync(new MqttDisconnectPacket(MqttPacketType.Disconnect));
        await first.HearEndAsync();
        broker.Publish(RawMqttClient.Message("a", "QoS 0 is not kept"));
        broker.Publish(RawMqttClient.Message("a", "kept", qos: 1, expiry: 50));
        broker.Publish(RawMqttClient.Message("a", "expires", qos: 1, expiry: 20));
        clock.Advance(TimeSpan.FromSeconds(30));

        using var second = await RawMqttClient.ConnectAsync(
            broker, "c", cleanStart: false, expirySeconds: 60, isSessionPresent: true);
        var kept = (await second.HearAsync<MqttPublishPacket>()).Message;
        kept.ConvertPayloadToString().Should().Be("kept");
        kept.MessageExpiryInterval.Should().Be(20);
        await second.HearNothingAsync();
        broker.Statistics.Expired.Should().Be(1);
        await second.SayAsync(new MqttDisconnectPacket(MqttPacketType.Disconnect));
        await second.HearEndAsync();
        clock.Advance(TimeSpan.FromSeconds(61));

        using var third = await RawMqttClient.ConnectAsync(
            broker, "c", cleanStart: false, isSessionPresent: false);
        await third.HearNothingAsync();
    }

    [Fact]
    public async Task Full_queue_drops_QoS_0_and_refuses_QoS_1()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { MaximumQueuedMessages = 3 });
        using var slow = await RawMqttClient.ConnectAsync(broker, "slow", expirySeconds: 60);
        using var publisher = await RawMqttClient.ConnectAsync(broker, "publisher");
        await slow.SubscribeAsync(Filter("a", qos: 1));
        for (ushort i = 1; i <= 4; i++)
        {
            await publisher.PublishAsync("a", $"{i}", qos: 1, packetId: i);
            (await publisher.HearAsync<MqttAckPacket>()).ReasonCode.Should().Be(i <= 3 ? (byte)0 : (byte)0x97);
        }

        await publisher.PublishAsync("a", "dropped");

        await publisher.HearNothingAsync();
        broker.Statistics.DroppedAtMostOnce.Should().Be(1);
        broker.Statistics.RefusedAtLeastOnce.Should().Be(1);
        for (var i = 1; i <= 3; i++)
        {
            (await slow.HearTextAsync()).Should().Be($"a={i}");
        }
        await slow.HearNothingAsync();
    }

    [Fact]
    public async Task Message_above_the_limit_of_the_client_is_dropped_for_it()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(
            broker, "c", properties: p => p.Add(MqttPropertyId.MaximumPacketSize, 50));
        await client.SubscribeAsync("a");

        broker.Publish(RawMqttClient.Message("a", new string('x', 100)));
        broker.Publish(RawMqttClient.Message("a", "small"));

        (await client.HearTextAsync()).Should().Be("a=small");
        broker.Statistics.DroppedTooLarge.Should().Be(1);
    }

    [Fact]
    public async Task Silent_client_is_disconnected()
    {
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { ServerKeepAlive = TimeSpan.FromSeconds(0.1) });
        using var client = await RawMqttClient.ConnectAsync(broker, "c",
            will: RawMqttClient.Message("gone", "c", retain: true));

        (await client.HearAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(0x8d);
        await client.HearEndAsync();
    }

    [Fact]
    public async Task Will_is_published_unless_the_client_says_goodbye()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var watcher = await RawMqttClient.ConnectAsync(broker, "watcher");
        await watcher.SubscribeAsync("will/#");
        using var polite = await RawMqttClient.ConnectAsync(
            broker, "polite", will: RawMqttClient.Message("will/polite"));
        var rude = await RawMqttClient.ConnectAsync(broker, "rude", will: RawMqttClient.Message("will/rude", "x"));

        await polite.SayAsync(new MqttDisconnectPacket(MqttPacketType.Disconnect));
        await polite.HearEndAsync();
        rude.Dispose();

        (await watcher.HearTextAsync()).Should().Be("will/rude=x");
        await watcher.HearNothingAsync();
    }

    [Fact]
    public async Task Client_on_another_transport_is_served()
    {
        await using var broker = await PocketBroker.StartAsync();
        var (toBroker, toClient) = (new Pipe(), new Pipe());
        var serving = broker.ServeAsync(new PipePair(toBroker.Reader, toClient.Writer));

        await toBroker.Writer.WriteAsync(AnyPacket.Write(new MqttConnectPacket { ClientId = "quic" }));
        var heard = await toClient.Reader.ReadAsync();
        heard.Buffer.FirstSpan[0].Should().Be((byte)MqttPacketType.ConnAck << 4);
        broker.ConnectedClients.Should().Equal("quic");
        toClient.Reader.AdvanceTo(heard.Buffer.End);
        await toBroker.Writer.CompleteAsync();

        await serving.WaitAsync(TimeSpan.FromSeconds(20));
        (await toClient.Reader.ReadAsync()).IsCompleted.Should().BeTrue();
        broker.ConnectedClients.Should().BeEmpty();
    }

    private sealed record PipePair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private static MqttTopicFilter Filter(string topic, int qos = 0) =>
        new() { Topic = topic, QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos };

    /// <summary>A message and the answer to a publish, which may come in either order.</summary>
    private static async Task<(MqttAckPacket Ack, MqttPublishPacket Publish)> HearBothAsync(RawMqttClient client)
    {
        var packets = new[] { await client.HearAnyAsync(), await client.HearAnyAsync() };
        return (packets.OfType<MqttAckPacket>().Single(), packets.OfType<MqttPublishPacket>().Single());
    }
}
