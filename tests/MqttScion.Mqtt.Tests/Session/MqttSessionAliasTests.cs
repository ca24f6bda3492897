namespace MqttScion.Mqtt.Tests;

public class MqttSessionAliasTests
{
    private const string A = "plant/7/temperature";
    private const string B = "plant/7/pressure";
    private const string C = "plant/7/humidity";

    [Fact]
    public void Published_topic_is_sent_once_and_then_its_alias()
    {
        var server = Connected(serverMaximum: 10);

        server.Publish(A);
        server.Publish(A, qos: 1);
        server.Publish(B, qos: 2);
        server.Publish(A);

        Sent(server).Should().Equal((A, 1), ("", 1), (B, 2), ("", 1));
    }

    [Fact]
    public void Least_recently_used_alias_gets_the_next_topic()
    {
        var server = Connected(serverMaximum: 2);

        foreach (var topic in new[] { A, B, A, C, A, B })
        {
            server.Publish(topic);
        }

        Sent(server).Should().Equal((A, 1), (B, 2), ("", 1), (C, 2), ("", 1), (B, 2));
    }

    [Fact]
    public void Receiver_that_follows_the_aliases_finds_every_topic()
    {
        var server = Connected(serverMaximum: 5);
        var random = new Random(1);
        var known = new Dictionary<ushort, string>();
        for (var i = 0; i < 2000; i++)
        {
            var topic = $"a/long/topic/{random.Next(9)}";
            server.Publish(topic);
            var packet = (MqttPublishPacket)server.Sent().Single();
            if (packet.Message.Topic.Length > 0)
            {
                known[packet.TopicAlias] = packet.Message.Topic;
            }
            known[packet.TopicAlias].Should().Be(topic);
        }
        known.Keys.Should().BeEquivalentTo(new ushort[] { 1, 2, 3, 4, 5 });
    }

    [Fact]
    public void Short_topic_and_option_zero_use_no_alias()
    {
        var server = Connected(serverMaximum: 5);
        server.Publish("short");
        Sent(server).Should().Equal(("short", 0));

        var off = ScriptedServer.Connected(
            p => p.Add(MqttPropertyId.TopicAliasMaximum, 5), new() { OutgoingTopicAliasMaximum = 0 });
        off.Publish(A);
        Sent(off).Should().Equal((A, 0));
    }

    [Fact]
    public void Alias_does_not_push_a_packet_above_the_servers_maximum_size()
    {
        for (var payload = 60; payload < 90; payload++)
        {
            var server = ScriptedServer.Connected(p =>
            {
                p.Add(MqttPropertyId.TopicAliasMaximum, 5);
                p.Add(MqttPropertyId.MaximumPacketSize, 100);
            });
            server.Publish(A, payload: new byte[payload]);
            server.Session.OutputBytes.Should().BeLessThanOrEqualTo(100);
            server.Sent();
            server.Publish(A, payload: new byte[payload]);
            server.Session.OutputBytes.Should().BeLessThanOrEqualTo(100);
        }
    }

    [Fact]
    public void Alias_set_by_the_user_turns_the_automatic_ones_off()
    {
        var server = Connected(serverMaximum: 3);
        server.Publish(A);
        server.Session.Publish(new() { Topic = B, TopicAlias = 1 }, server.Now);
        server.Publish(A);
        server.Session.Publish(new() { TopicAlias = 1 }, server.Now);

        Sent(server).Should().Equal((A, 1), (B, 1), (A, 0), ("", 1));
    }

    [Fact]
    public void Alias_without_a_topic_before_is_refused()
    {
        var server = Connected(serverMaximum: 3);
        server.Publish(A);
        server.Events();

        server.Session.Publish(new() { TopicAlias = 1 }, server.Now);

        server.OnlyEvent().PublishResult!.ReasonCode.Should().Be(MqttClientPublishReasonCode.TopicAliasInvalid);
    }

    [Fact]
    public void Resumed_publish_carries_its_topic_again()
    {
        var first = ScriptedServer.Connected(
            p => p.Add(MqttPropertyId.TopicAliasMaximum, 3), new() { CleanStart = false });
        first.Publish(A, qos: 1);
        first.Publish(A, qos: 1);
        first.Session.Publish(
            new() { Topic = B, TopicAlias = 3, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce },
            first.Now);
        Sent(first).Should().Equal((A, 1), ("", 1), (B, 3));
        first.Session.OnTransportClosed("cut");

        var second = ScriptedServer.Connected(
            options: new() { CleanStart = false, Inflight = first.Session.TakeInflight() }, isSessionPresent: true);

        Sent(second).Should().Equal((A, 0), (A, 0), (B, 0));
    }

    [Fact]
    public void Received_alias_is_resolved_and_may_change_its_topic()
    {
        var server = ScriptedServer.Connected(options: new() { TopicAliasMaximum = 2 });
        server.SayPublish("a", alias: 2);
        server.SayPublish("", packetId: 1, qos: 1, alias: 2);
        server.SayPublish("b", packetId: 2, qos: 2, alias: 2);
        server.SayPublish("", alias: 2);

        var messages = server.Events().Select(e => e.Message!).ToList();
        messages.Select(m => m.Topic).Should().Equal("a", "a", "b", "b");
        messages.Should().OnlyContain(m => m.TopicAlias == 0, "the session resolved it");
    }

    [Fact]
    public void Received_alias_of_a_repeated_QoS_2_message_is_kept()
    {
        var server = ScriptedServer.Connected(options: new() { TopicAliasMaximum = 1 });
        server.SayPublish("a", packetId: 1, qos: 2);
        server.Session.Acknowledge(1, 0, server.Now);
        server.SayPublish("a", packetId: 1, qos: 2, dup: true, alias: 1);
        server.Events();

        server.SayPublish("", alias: 1);

        server.OnlyEvent().Message!.Topic.Should().Be("a");
    }

    private static ScriptedServer Connected(uint serverMaximum) =>
        ScriptedServer.Connected(p => p.Add(MqttPropertyId.TopicAliasMaximum, serverMaximum));

    private static List<(string Topic, int Alias)> Sent(ScriptedServer server) =>
        [.. server.Sent().Cast<MqttPublishPacket>().Select(p => (p.Message.Topic, (int)p.TopicAlias))];
}
