namespace MqttScion.Mqtt.Tests;

public partial class NormativeTests
{
    private const string LongTopic = "plant/7/line/3/temperature";

    [Fact]
    public void MQTT_3_3_1_1_redelivery_sets_DUP()
    {
        var former = ScriptedServer.Connected();
        former.Publish("t", qos: 1);
        SentPublish(former).Dup.Should().BeFalse();

        SentPublish(Resumed(former)).Dup.Should().BeTrue();
    }

    [Fact]
    public void MQTT_3_3_1_2_DUP_is_zero_with_QoS_0()
    {
        var server = ScriptedServer.Connected();
        server.Session.Publish(new() { Topic = "t", Dup = true }, server.Now);
        SentPublish(server).Dup.Should().BeFalse();
        Refuses("3804000161" + "00", Protocol, "[MQTT-3.3.1-2]");
    }

    [Fact]
    public void MQTT_3_3_1_3_DUP_of_a_received_message_is_not_passed_on()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("t", packetId: 1, qos: 1, dup: true);
        var message = server.OnlyEvent().Message!;
        message.Dup.Should().BeTrue();

        server.Session.Publish(message, server.Now);

        SentPublish(server).Dup.Should().BeFalse();
    }

    [Fact]
    public void MQTT_3_3_1_4_QoS_3_is_refused()
    {
        RefusesPublish(ScriptedServer.Message("t", qos: 3), "QoS");
        Refuses("3604000161" + "00", Malformed, "[MQTT-3.3.1-4]");
    }

    [Fact]
    public void MQTT_3_3_2_1_topic_name_is_utf8_and_the_first_field()
    {
        var server = ScriptedServer.Connected();
        server.Publish("ü", qos: 1);
        Hex(server).Should().Be("3207" + "0002C3BC" + "0001" + "00");
        Refuses("30050002" + "C080" + "00", Malformed, "[MQTT-1.5.4-1]");
    }

    [Theory]
    [InlineData("+", "2B")]
    [InlineData("#", "23")]
    public void MQTT_3_3_2_2_topic_name_holds_no_wildcard(string topic, string hex)
    {
        RefusesPublish(ScriptedServer.Message(topic), "[MQTT-3.3.2-2]");
        Refuses("30040001" + hex + "00", MqttDisconnectReasonCode.TopicNameInvalid, "[MQTT-3.3.2-2]");
    }

    [Fact]
    public void MQTT_3_3_2_7_topic_aliases_end_with_the_connection()
    {
        var former = ScriptedServer.Connected(p => p.Add(MqttPropertyId.TopicAliasMaximum, 5), WithAliases(5));
        former.Publish(LongTopic);
        former.SayPublish("t", alias: 1);
        former.SayPublish("", alias: 1);
        former.Session.State.Should().Be(MqttSessionState.Connected);
        former.Session.OnTransportClosed("cut");
        former.Session.TakeInflight();

        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.TopicAliasMaximum, 5), WithAliases(5));
        server.Publish(LongTopic);
        SentPublish(server).Message.Topic.Should().Be(LongTopic);
        server.SayPublish("", alias: 1);
        CheckFailed(server, Protocol, "alias 1");
    }

    [Fact]
    public void MQTT_3_3_2_8_topic_alias_zero_is_refused() =>
        Refuses("3007000161" + "03230000", MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.3.2-8]",
            WithAliases(5));

    [Fact]
    public void MQTT_3_3_2_9_aliases_stay_within_the_servers_maximum()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.TopicAliasMaximum, 3));
        for (var i = 0; i < 20; i++)
        {
            server.Publish($"{LongTopic}/{i % 7}", qos: i % 3);
        }
        server.Sent().Cast<MqttPublishPacket>().Select(p => p.TopicAlias)
            .Should().OnlyContain(alias => alias >= 1 && alias <= 3);
    }

    [Fact]
    public void MQTT_3_3_2_10_all_aliases_within_our_maximum_are_taken()
    {
        var server = ScriptedServer.Connected(options: WithAliases(ushort.MaxValue));
        foreach (var alias in new ushort[] { 1, 2, 32768, ushort.MaxValue })
        {
            server.SayPublish($"t/{alias}", alias: alias);
            server.SayPublish("", alias: alias);
            server.Events().Select(e => e.Message!.Topic).Should().Equal($"t/{alias}", $"t/{alias}");
        }
    }

    [Fact]
    public void MQTT_3_3_2_11_alias_above_our_maximum_is_refused() =>
        Refuses("3007000161" + "03230006", MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.1.2-26]",
            WithAliases(5));

    [Fact]
    public void MQTT_3_3_2_13_response_topic_is_utf8()
    {
        RefusesPublish(new() { Topic = "t", ResponseTopic = "\ud800" }, "[MQTT-1.5.4-1]");
        Refuses("3008000161" + "04080001" + "FF", Malformed, "[MQTT-1.5.4-1]");
    }

    [Fact]
    public void MQTT_3_3_2_14_response_topic_holds_no_wildcard()
    {
        RefusesPublish(new() { Topic = "t", ResponseTopic = "a/+" }, "[MQTT-3.3.2-14]");
        Refuses("3008000161" + "04080001" + "2B", Protocol, "[MQTT-3.3.2-14]");
    }

    [Fact]
    public void MQTT_3_3_2_19_content_type_is_utf8()
    {
        RefusesPublish(new() { Topic = "t", ContentType = "\ud800" }, "[MQTT-1.5.4-1]");
        Refuses("3008000161" + "04030001" + "FF", Malformed, "[MQTT-1.5.4-1]");
    }

    [Fact]
    public void MQTT_3_3_4_1_publish_is_answered_as_its_QoS_wants()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("a");
        server.SayPublish("b", packetId: 1, qos: 1);
        server.SayPublish("c", packetId: 2, qos: 2);
        foreach (var e in server.Events().Where(e => e.PacketId != 0))
        {
            server.Session.Acknowledge(e.PacketId, 0, server.Now);
        }

        Hex(server).Should().Be("40020001" + "50020002");
    }

    [Fact]
    public void MQTT_3_3_4_6_publish_holds_no_subscription_identifier()
    {
        var server = ScriptedServer.Connected();
        server.Session.Publish(new() { Topic = "t", SubscriptionIdentifiers = [1, 2] }, server.Now);
        SentPublish(server).SubscriptionIdentifiers.Should().BeEmpty();
    }

    [Fact]
    public void MQTT_3_3_4_7_no_more_than_the_Receive_Maximum_is_unacknowledged()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 2));
        server.Publish("a", qos: 1);
        server.Publish("b", qos: 2);
        server.Publish("c", qos: 2);
        server.Sent().Should().HaveCount(2);

        server.Say(new MqttAckPacket(MqttPacketType.PubRec, 2));
        server.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubRel, 2));
        server.Say(new MqttAckPacket(MqttPacketType.PubComp, 2));
        SentPublish(server).Message.Topic.Should().Be("c");
        server.Publish("d", qos: 1);
        server.Say(new MqttAckPacket(MqttPacketType.PubRec, 3, 0x97));
        SentPublish(server).Message.Topic.Should().Be("d");
    }

    [Fact]
    public void MQTT_3_3_4_8_only_PUBLISH_waits_for_the_Receive_Maximum()
    {
        var former = ScriptedServer.Connected();
        former.Publish("a", qos: 1);
        former.Publish("b", qos: 2);
        former.Publish("c", qos: 2);
        former.Say(new MqttAckPacket(MqttPacketType.PubRec, 2));
        former.Say(new MqttAckPacket(MqttPacketType.PubRec, 3));

        var server = Resumed(former, connAck: p => p.Add(MqttPropertyId.ReceiveMaximum, 1));
        server.Session.Subscribe(["t"], null, server.Now);
        server.Advance(TimeSpan.FromSeconds(15));

        server.Sent().Select(p => p.GetType()).Should().Equal(
            typeof(MqttAckPacket), typeof(MqttAckPacket), typeof(MqttSubscribePacket), typeof(MqttPacketType));
    }

    [Fact]
    public void MQTT_3_3_4_9_server_that_exceeds_our_Receive_Maximum_is_told()
    {
        var server = ScriptedServer.Connected(options: new() { ReceiveMaximum = 1 });
        server.SayPublish("a", packetId: 1, qos: 2);
        server.Session.Acknowledge(1, 0, server.Now);
        server.SayPublish("b", packetId: 2, qos: 1);
        CheckFailed(server, MqttDisconnectReasonCode.ReceiveMaximumExceeded, "[MQTT-3.3.4-9]");
    }

    [Fact]
    public void MQTT_3_4_2_1_PUBACK_has_a_reason_code_of_its_own()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("a", packetId: 1, qos: 1);
        foreach (var code in new[] { 0x100, 0x92, 0x9a, 1 })
        {
            FluentActions.Invoking(() => server.Session.Acknowledge(1, (MqttClientPublishReasonCode)code, server.Now))
                .Should().Throw<ArgumentOutOfRangeException>();
        }
        RefusesAnswer(1, "4003000192", Protocol);
    }

    [Fact]
    public void MQTT_3_4_2_2_PUBACK_has_no_reason_string() => AnswerHex(1).Should().Be("4003000180");

    [Fact]
    public void MQTT_3_4_2_3_PUBACK_has_no_user_property() => AnswerHex(1).Should().Be("4003000180");

    [Fact]
    public void MQTT_3_5_2_1_PUBREC_has_a_reason_code_of_its_own() => RefusesAnswer(2, "5003000192", Protocol);

    [Fact]
    public void MQTT_3_5_2_2_PUBREC_has_no_reason_string() => AnswerHex(2).Should().Be("5003000180");

    [Fact]
    public void MQTT_3_5_2_3_PUBREC_has_no_user_property() => AnswerHex(2).Should().Be("5003000180");

    [Fact]
    public void MQTT_3_6_1_1_PUBREL_has_its_flags()
    {
        PubRelHex().Should().Be("62020001");
        Refuses("60020001", Malformed, "[MQTT-3.6.1-1]");
    }

    [Fact]
    public void MQTT_3_6_2_1_PUBREL_has_a_reason_code_of_its_own()
    {
        var server = ScriptedServer.Connected();
        server.SayHex("50020009");
        Hex(server).Should().Be("6203000992");
        Refuses("6203000180", Protocol, "§2.4");
    }

    [Fact]
    public void MQTT_3_6_2_2_PUBREL_has_no_reason_string() => PubRelHex().Should().Be("62020001");

    [Fact]
    public void MQTT_3_6_2_3_PUBREL_has_no_user_property() => PubRelHex().Should().Be("62020001");

    [Fact]
    public void MQTT_3_7_2_1_PUBCOMP_has_a_reason_code_of_its_own()
    {
        PubCompHex().Should().Be("7003000992");
        RefusesAnswer(2, "50020001" + "7003000180", Protocol);
    }

    [Fact]
    public void MQTT_3_7_2_2_PUBCOMP_has_no_reason_string() => PubCompHex().Should().Be("7003000992");

    [Fact]
    public void MQTT_3_7_2_3_PUBCOMP_has_no_user_property() => PubCompHex().Should().Be("7003000992");

    private static MqttSessionOptions WithAliases(ushort maximum) => new() { TopicAliasMaximum = maximum };

    private static void RefusesAnswer(int qos, string hex, MqttDisconnectReasonCode code)
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos);
        server.SayHex(hex);
        CheckFailed(server, code, "§2.4");
    }

    private static string AnswerHex(int qos)
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("t", packetId: 1, qos);
        server.Session.Acknowledge(1, MqttClientPublishReasonCode.UnspecifiedError, server.Now);
        return Hex(server);
    }

    private static string PubRelHex()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 2);
        Hex(server);
        server.SayHex("50020001");
        return Hex(server);
    }

    private static string PubCompHex()
    {
        var server = ScriptedServer.Connected();
        server.SayHex("62020009");
        return Hex(server);
    }
}
