namespace MqttScion.Mqtt.Tests;

public partial class NormativeTests
{
    [Fact]
    public void MQTT_4_1_0_1_session_state_is_kept_while_the_connection_is_open()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 1);
        FluentActions.Invoking(server.Session.TakeInflight).Should().Throw<InvalidOperationException>();
        server.Session.InflightCount.Should().Be(1);
    }

    [Fact]
    public void MQTT_4_3_1_1_QoS_0_is_sent_with_QoS_0_and_no_DUP()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t");
        Hex(server).Should().StartWith("30");
    }

    [Theory]
    [InlineData(1)]
    public void MQTT_4_3_2_1_QoS_1_takes_an_unused_identifier(int qos) => TakesUnusedIdentifiers(qos);

    [Fact]
    public void MQTT_4_3_2_2_QoS_1_is_sent_with_its_identifier_and_no_DUP()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 1);
        Hex(server).Should().Be("3206" + "000174" + "0001" + "00");
    }

    [Fact]
    public void MQTT_4_3_2_3_QoS_1_is_unacknowledged_until_PUBACK()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 1);
        server.Session.InflightCount.Should().Be(1);
        server.Events().Should().BeEmpty();
        server.SayHex("40020001");
        server.Session.InflightCount.Should().Be(0);
        server.OnlyEvent().PublishResult!.IsSuccess.Should().BeTrue();
    }

    [Fact]
    public void MQTT_4_3_2_4_QoS_1_is_answered_with_PUBACK() => AnswerHex(1).Should().StartWith("40");

    [Fact]
    public void MQTT_4_3_2_5_identifier_is_a_new_message_after_PUBACK() => IsNewAfter(1, 0);

    [Theory]
    [InlineData(2)]
    public void MQTT_4_3_3_1_QoS_2_takes_an_unused_identifier(int qos) => TakesUnusedIdentifiers(qos);

    [Fact]
    public void MQTT_4_3_3_2_QoS_2_is_sent_with_its_identifier_and_no_DUP()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 2);
        Hex(server).Should().Be("3406" + "000174" + "0001" + "00");
    }

    [Fact]
    public void MQTT_4_3_3_3_QoS_2_is_unacknowledged_until_PUBREC()
    {
        var former = ScriptedServer.Connected();
        former.Publish("t", qos: 2);
        SentPublish(Resumed(former)).PacketId.Should().Be(1);
    }

    [Fact]
    public void MQTT_4_3_3_4_PUBREC_is_answered_with_PUBREL() => PubRelHex().Should().Be("62020001");

    [Fact]
    public void MQTT_4_3_3_5_PUBREL_is_unacknowledged_until_PUBCOMP()
    {
        var former = Released();
        former.Session.InflightCount.Should().Be(1);

        var server = Resumed(former);

        server.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubRel, 1));
        server.SayHex("70020001");
        server.OnlyEvent().PublishResult!.IsSuccess.Should().BeTrue();
        server.Session.InflightCount.Should().Be(0);
    }

    [Fact]
    public void MQTT_4_3_3_6_PUBLISH_is_not_sent_again_after_PUBREL()
    {
        var server = Resumed(Resumed(Released()));
        server.Advance(TimeSpan.FromSeconds(10));
        server.Sent().OfType<MqttPublishPacket>().Should().BeEmpty();
    }

    [Fact]
    public void MQTT_4_3_3_7_expiry_is_not_applied_once_PUBLISH_was_sent()
    {
        var former = ScriptedServer.Connected();
        former.Session.Publish(
            new()
            {
                Topic = "t",
                MessageExpiryInterval = 1,
                QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            }, former.Now - TimeSpan.FromMinutes(5));
        var server = Resumed(former);
        SentPublish(server).Should().Match<MqttPublishPacket>(p => p.Dup && p.MessageExpiryInterval == 1);
        server.SayHex("50020001" + "70020001");
        server.OnlyEvent().PublishResult!.IsSuccess.Should().BeTrue();
    }

    [Fact]
    public void MQTT_4_3_3_8_QoS_2_is_answered_with_PUBREC() => AnswerHex(2).Should().StartWith("50");

    [Fact]
    public void MQTT_4_3_3_9_identifier_is_a_new_message_after_a_PUBREC_that_refuses() =>
        IsNewAfter(2, MqttClientPublishReasonCode.QuotaExceeded);

    [Fact]
    public void MQTT_4_3_3_10_QoS_2_is_delivered_once_until_PUBREL()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("t", packetId: 3, qos: 2);
        server.Session.Acknowledge(3, 0, server.Now);
        server.Events();
        Hex(server);

        server.SayPublish("t", packetId: 3, qos: 2, dup: true);

        server.Events().Should().BeEmpty();
        Hex(server).Should().Be("50020003");
    }

    [Fact]
    public void MQTT_4_3_3_11_PUBREL_is_answered_with_PUBCOMP()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("t", packetId: 3, qos: 2);
        server.Session.Acknowledge(3, 0, server.Now);
        Hex(server);
        server.SayHex("62020003");
        Hex(server).Should().Be("70020003");
    }

    [Fact]
    public void MQTT_4_3_3_12_identifier_is_a_new_message_after_PUBCOMP()
    {
        var server = ScriptedServer.Connected();
        for (var i = 0; i < 2; i++)
        {
            server.SayPublish("t", packetId: 3, qos: 2);
            server.Session.Acknowledge(3, 0, server.Now);
            server.SayHex("62020003");
        }
        server.Events().Should().HaveCount(2);
    }

    [Fact]
    public void MQTT_4_3_3_13_exchange_goes_on_for_a_message_that_expired()
    {
        var server = ScriptedServer.Connected(options: new() { KeepAlivePeriod = TimeSpan.Zero });
        server.Say(new MqttPublishPacket(new() { Topic = "t", MessageExpiryInterval = 1 })
        {
            QoS = MqttQualityOfServiceLevel.ExactlyOnce,
            PacketId = 3,
        });
        server.Advance(TimeSpan.FromMinutes(1));
        server.Session.Acknowledge(3, 0, server.Now);
        server.SayHex("62020003");
        Hex(server).Should().Be("50020003" + "70020003");
    }

    [Fact]
    public void MQTT_4_4_0_1_unacknowledged_packets_are_sent_again_only_on_reconnect()
    {
        var former = ScriptedServer.Connected(options: new() { KeepAlivePeriod = TimeSpan.Zero });
        former.Publish("a", qos: 1);
        former.Publish("b", qos: 2);
        former.SayHex("50020002");
        former.Sent();
        former.Advance(TimeSpan.FromHours(1));
        former.Sent().Should().BeEmpty();

        Hex(Resumed(former)).Should().Be("62020002" + "3A06" + "000161" + "0001" + "00");
    }

    [Theory]
    [InlineData(1, "4003000187")]
    [InlineData(2, "5003000187")]
    public void MQTT_4_4_0_2_refused_publish_is_not_sent_again(int qos, string answer)
    {
        var former = ScriptedServer.Connected();
        former.Publish("t", qos);
        former.SayHex(answer);
        Resumed(former).Sent().Should().BeEmpty();
    }

    [Fact]
    public void MQTT_4_5_0_2_message_for_no_subscription_is_acknowledged_all_the_same()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("nobody/asked", packetId: 8, qos: 1);
        server.Session.Acknowledge(server.OnlyEvent().PacketId, 0, server.Now).Should().BeTrue();
        Hex(server).Should().Be("40020008");
    }

    [Fact]
    public void MQTT_4_6_0_1_publishes_are_sent_again_in_order()
    {
        var former = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 20));
        for (var i = 0; i < 20; i++)
        {
            former.Publish($"t/{i}", qos: 1 + i % 2);
        }
        former.SayHex("40020003" + "40020007");

        Resumed(former, connAck: p => p.Add(MqttPropertyId.ReceiveMaximum, 30)).Sent().Cast<MqttPublishPacket>()
            .Select(p => p.Message.Topic)
            .Should().Equal(Enumerable.Range(0, 20).Where(i => i is not 2 and not 6).Select(i => $"t/{i}"));
    }

    [Theory]
    [InlineData(1, MqttPacketType.PubAck)]
    public void MQTT_4_6_0_2_PUBACKs_leave_in_the_order_of_the_publishes(int qos, object type) =>
        AnswersInOrder(qos, (MqttPacketType)type);

    [Theory]
    [InlineData(2, MqttPacketType.PubRec)]
    public void MQTT_4_6_0_3_PUBRECs_leave_in_the_order_of_the_publishes(int qos, object type) =>
        AnswersInOrder(qos, (MqttPacketType)type);

    [Fact]
    public void MQTT_4_6_0_4_PUBRELs_leave_in_the_order_of_the_PUBRECs()
    {
        var server = ScriptedServer.Connected();
        for (var i = 0; i < 3; i++)
        {
            server.Publish("t", qos: 2);
        }
        Hex(server);
        server.SayHex("50020001" + "50020002" + "50020003");
        Hex(server).Should().Be("62020001" + "62020002" + "62020003");
        Hex(Resumed(server)).Should().Be("62020001" + "62020002" + "62020003");
    }

    [Fact]
    public void MQTT_4_7_0_1_wildcards_stand_in_filters_only()
    {
        RefusesPublish(ScriptedServer.Message("a/+/b"), "[MQTT-3.3.2-2]");
        MqttTopic.TryValidateFilter("a/+/#", out _).Should().BeTrue();
    }

    [Fact]
    public void MQTT_4_7_1_1_multi_level_wildcard_is_the_last_level() => RefusesSubscribe(["a/#/b"], "[MQTT-4.7.1-1]");

    [Fact]
    public void MQTT_4_7_1_2_single_level_wildcard_is_a_whole_level() => RefusesSubscribe(["a+/b"], "[MQTT-4.7.1-2]");

    [Fact]
    public void MQTT_4_7_2_1_leading_wildcard_does_not_match_a_leading_dollar()
    {
        MqttTopic.Matches("#", "$SYS/x").Should().BeFalse();
        MqttTopic.Matches("+/x", "$SYS/x").Should().BeFalse();
        MqttTopic.Matches("$SYS/#", "$SYS/x").Should().BeTrue();
    }

    [Fact]
    public void MQTT_4_7_3_1_topics_have_a_character()
    {
        RefusesPublish(ScriptedServer.Message(""), "[MQTT-4.7.3-1]");
        RefusesSubscribe([""], "[MQTT-4.7.3-1]");
    }

    [Fact]
    public void MQTT_4_7_3_2_topics_hold_no_null()
    {
        RefusesPublish(ScriptedServer.Message("a\0b"), "[MQTT-4.7.3-2]");
        RefusesSubscribe(["a\0b"], "[MQTT-4.7.3-2]");
    }

    [Fact]
    public void MQTT_4_7_3_3_topics_are_65535_bytes_at_most()
    {
        var topic = new string('ü', 32_768);
        RefusesPublish(ScriptedServer.Message(topic), "[MQTT-4.7.3-3]");
        RefusesSubscribe([topic], "[MQTT-4.7.3-3]");
    }

    [Fact]
    public void MQTT_4_7_3_4_topics_are_not_normalized()
    {
        const string Decomposed = "A/u\u0308//";
        var server = ScriptedServer.Connected();
        server.Publish(Decomposed);
        SentPublish(server).Message.Topic.Should().Be(Decomposed);
        MqttTopic.Matches(Decomposed, "A/\u00fc//").Should().BeFalse();
        MqttTopic.Matches("a", "A").Should().BeFalse();
    }

    [Theory]
    [InlineData("$share")]
    [InlineData("$share//a")]
    [InlineData("$share/g+/a")]
    public void MQTT_4_8_2_1_share_name_is_well_formed(string filter) => RefusesSubscribe([filter], "[MQTT-4.8.2-1]");

    [Theory]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    public void MQTT_4_8_2_2_share_name_is_followed_by_a_filter(string filter) =>
        RefusesSubscribe([filter], "[MQTT-4.8.2-2]");

    [Fact]
    public void MQTT_4_9_0_1_send_quota_starts_at_the_Receive_Maximum_of_each_connection()
    {
        var former = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 1));
        former.Publish("a", qos: 1);
        former.Publish("b", qos: 1);
        former.Publish("c", qos: 1);
        former.Session.InflightCount.Should().Be(1);

        Resumed(former, connAck: p => p.Add(MqttPropertyId.ReceiveMaximum, 2)).Session.InflightCount.Should().Be(2);
    }

    [Fact]
    public void MQTT_4_9_0_2_nothing_above_QoS_0_is_sent_without_quota()
    {
        var server = WithoutQuota();
        server.Publish("b", qos: 1);
        server.Publish("c", qos: 2);
        server.Sent().Should().BeEmpty();
        server.Publish("d");
        SentPublish(server).Message.Topic.Should().Be("d");
    }

    [Fact]
    public void MQTT_4_9_0_3_other_packets_are_answered_without_quota()
    {
        var server = WithoutQuota();
        server.SayPublish("t", packetId: 1, qos: 1);
        server.Session.Acknowledge(1, 0, server.Now);
        server.SayHex("62020009");
        server.Session.Subscribe(["t"], null, server.Now);
        server.Sent().Should().HaveCount(3);
    }

    [Fact]
    public void MQTT_4_12_0_2_challenge_of_the_server_is_told()
    {
        var server = Authenticating();
        server.Say(Auth(0x18, "s", [2, 3]));
        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.AuthenticationRequired);
        e.Authentication!.Method.Should().Be("s");
        e.Authentication.Data.Should().Equal(2, 3);
    }

    [Fact]
    public void MQTT_4_12_0_3_answer_is_AUTH_with_0x18()
    {
        var server = Challenged();
        server.Session.ContinueAuthentication([7], server.Now).Should().BeTrue();
        Hex(server).Should().Be("F00A18" + "08" + "15000173" + "16000107");
    }

    [Fact]
    public void MQTT_4_12_0_5_method_is_the_same_in_all_packets()
    {
        Challenged(); // The CONNECT and the answers carry "s": see MQTT_4_12_0_3.
        var other = Authenticating();
        other.Say(Auth(0x18, "x"));
        CheckFailed(other, MqttDisconnectReasonCode.BadAuthenticationMethod, "[MQTT-4.12.0-5]");
        var missing = Authenticating();
        missing.Say(Auth(0x18, null));
        CheckFailed(missing, Protocol, "[MQTT-4.12.0-5]");
        var connAck = Authenticating();
        connAck.SayHex("2003000000");
        CheckFailed(connAck, Protocol, "[MQTT-4.12.0-5]");
    }

    [Fact]
    public void MQTT_4_12_0_6_server_that_was_told_no_method_names_none()
    {
        Refuses("F00618" + "04" + "15000173", Protocol, "[MQTT-4.12.0-6]");
        RefusesConnAck("2007000004" + "15000173", Protocol, "[MQTT-4.12.0-6]");
    }

    [Fact]
    public void MQTT_4_12_0_7_AUTH_is_not_sent_without_a_method()
    {
        var server = ScriptedServer.Connected();
        server.Session.ContinueAuthentication([1], server.Now).Should().BeFalse();
        FluentActions.Invoking(() => server.Session.ReAuthenticate([1], server.Now))
            .Should().Throw<InvalidOperationException>().WithMessage("[MQTT-4.12.0-7]*");
        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void MQTT_4_12_1_1_reauthentication_is_AUTH_with_0x19_and_the_same_method()
    {
        var server = Authenticated();
        server.Session.ReAuthenticate([7], server.Now).Should().BeTrue();
        Hex(server).Should().Be("F00A19" + "08" + "15000173" + "16000107");
    }

    [Fact]
    public void MQTT_4_12_1_2_reauthentication_that_fails_ends_the_session()
    {
        var server = Authenticated();
        server.Session.ReAuthenticate(null, server.Now);
        server.Sent();
        server.Advance(TimeSpan.FromSeconds(10));
        server.CheckFailed(
            MqttSessionEndCause.AuthenticationTimeout, MqttDisconnectReasonCode.NotAuthorized, "[MQTT-4.12.1-2]");
    }

    [Theory]
    [InlineData("0000", Malformed, "§2.1.2")]
    [InlineData("3004000161" + "7F", Malformed, "inside a field")]
    [InlineData("C000", Protocol, "must not send")]
    public void MQTT_4_13_1_1_session_ends_with_the_reason_code_after_a_bad_packet(
        string hex, MqttDisconnectReasonCode code, string reasonPart) => Refuses(hex, code, reasonPart);

    [Fact]
    public void MQTT_4_13_2_1_session_ends_after_a_reason_code_of_0x80_or_above()
    {
        var server = ScriptedServer.Connected();
        server.SayHex("E00197");
        server.OnlyEvent().End!.ReasonCode.Should().Be(MqttDisconnectReasonCode.QuotaExceeded);
        server.Session.State.Should().Be(MqttSessionState.Closed);
    }

    private static ScriptedServer WithoutQuota()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 1));
        server.Publish("a", qos: 1);
        server.Sent();
        return server;
    }

    private static ScriptedServer Released()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 2);
        server.SayHex("50020001");
        return server;
    }

    private static void TakesUnusedIdentifiers(int qos)
    {
        var former = ScriptedServer.Connected();
        former.Publish("a", qos);
        former.Publish("b", qos);
        var server = Resumed(former);
        server.Publish("c", qos);
        server.Sent().Cast<MqttPublishPacket>().Select(p => (int)p.PacketId).Should().Equal(1, 2, 3);
    }

    private static void IsNewAfter(int qos, MqttClientPublishReasonCode answer)
    {
        var server = ScriptedServer.Connected();
        for (var i = 0; i < 2; i++)
        {
            server.SayPublish("t", packetId: 3, qos);
            server.OnlyEvent().PacketId.Should().Be(3);
            server.Session.Acknowledge(3, answer, server.Now).Should().BeTrue();
        }
    }

    private static void AnswersInOrder(int qos, MqttPacketType type)
    {
        var server = ScriptedServer.Connected();
        ushort[] ids = [4, 2, 9, 1];
        foreach (var id in ids)
        {
            server.SayPublish("t", id, qos);
        }
        foreach (var id in ids.Reverse())
        {
            server.Session.Acknowledge(id, 0, server.Now);
        }
        server.Sent().Should().Equal(ids.Select(id => (object)new MqttAckPacket(type, id)));
    }
}
