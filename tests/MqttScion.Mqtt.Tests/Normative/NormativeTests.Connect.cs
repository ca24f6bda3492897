namespace MqttScion.Mqtt.Tests;

public partial class NormativeTests
{
    private static readonly MqttSessionOptions _rich = new()
    {
        ClientId = "id",
        Will = new MqttApplicationMessage
        {
            Topic = "w",
            Payload = new byte[] { 9 },
            Retain = true,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
        },
        UserName = "u",
        Password = [8],
    };

    [Fact]
    public void MQTT_3_1_0_1_CONNECT_is_the_first_packet()
    {
        var server = new ScriptedServer();
        server.Publish("a");
        server.Session.Subscribe(["a"], null, server.Now);
        server.Session.OutputBytes.Should().Be(0);

        server.Session.Connect(server.Now);

        server.Sent().Single().Should().BeOfType<MqttConnectPacket>();
    }

    [Fact]
    public void MQTT_3_1_0_2_CONNECT_is_sent_once()
    {
        var server = ScriptedServer.Connected();

        FluentActions.Invoking(() => server.Session.Connect(server.Now)).Should().Throw<InvalidOperationException>();

        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void MQTT_3_1_2_1_protocol_name_is_MQTT() =>
        ConnectHex(new()).Should().MatchRegex("^10..00044D515454");

    [Fact]
    public void MQTT_3_1_2_2_protocol_version_is_5() =>
        Convert.FromHexString(ConnectHex(new()))[8].Should().Be(5);

    [Fact]
    public void MQTT_3_1_2_3_reserved_connect_flag_is_zero()
    {
        (ConnectFlags(new()) & 1).Should().Be(0);
        (ConnectFlags(_rich) & 1).Should().Be(0);
    }

    [Fact]
    public void MQTT_3_1_2_4_clean_start_asks_for_a_new_session_and_starts_one()
    {
        var former = ScriptedServer.Connected();
        former.SayPublish("t", packetId: 5, qos: 2);
        former.Session.Acknowledge(5, 0, former.Now);
        former.Session.OnTransportClosed("cut");
        var options = new MqttSessionOptions { CleanStart = true, Inflight = former.Session.TakeInflight() };

        var server = ScriptedServer.Connected(options: options);

        ConnectFlags(new MqttSessionOptions { CleanStart = true }).Should().Be(2);
        ConnectFlags(new MqttSessionOptions { CleanStart = false }).Should().Be(0);
        server.Session.UnacknowledgedCount.Should().Be(0);
    }

    [Fact]
    public void MQTT_3_1_2_9_will_is_in_the_payload()
    {
        (ConnectFlags(_rich) & 4).Should().Be(4);
        ConnectHex(_rich).Should().EndWith("00026964" + "00" + "000177" + "000109" + "000175" + "000108");
    }

    [Fact]
    public void MQTT_3_1_2_11_without_a_will_its_QoS_is_zero() =>
        (ConnectFlags(_rich with { Will = null }) & 0x1c).Should().Be(0);

    [Fact]
    public void MQTT_3_1_2_12_will_has_QoS_0_1_or_2()
    {
        for (var qos = 0; qos <= 2; qos++)
        {
            var flags = ConnectFlags(new() { Will = ScriptedServer.Message("w", qos) });
            (flags >> 3 & 3).Should().Be(qos);
        }
        RefusesOptions(new() { Will = ScriptedServer.Message("w", qos: 3) });
    }

    [Fact]
    public void MQTT_3_1_2_13_without_a_will_its_retain_flag_is_zero() =>
        (ConnectFlags(_rich with { Will = null }) & 0x20).Should().Be(0);

    [Fact]
    public void MQTT_3_1_2_14_will_that_is_not_retained_says_so() =>
        (ConnectFlags(new() { Will = ScriptedServer.Message("w") }) & 0x24).Should().Be(4);

    [Fact]
    public void MQTT_3_1_2_15_will_that_is_retained_says_so() => (ConnectFlags(_rich) & 0x24).Should().Be(0x24);

    [Fact]
    public void MQTT_3_1_2_16_without_a_user_name_there_is_no_field() =>
        ConnectHex(new() { ClientId = "id", Password = [8] }).Should().EndWith("00026964" + "000108");

    [Fact]
    public void MQTT_3_1_2_17_user_name_is_in_the_payload()
    {
        var options = new MqttSessionOptions { ClientId = "id", UserName = "" };
        (ConnectFlags(options) & 0xc0).Should().Be(0x80);
        ConnectHex(options).Should().EndWith("00026964" + "0000");
    }

    [Fact]
    public void MQTT_3_1_2_18_without_a_password_there_is_no_field() =>
        ConnectHex(new() { ClientId = "id", UserName = "u" }).Should().EndWith("00026964" + "000175");

    [Fact]
    public void MQTT_3_1_2_19_password_is_in_the_payload()
    {
        var options = new MqttSessionOptions { ClientId = "id", Password = [] };
        (ConnectFlags(options) & 0xc0).Should().Be(0x40);
        ConnectHex(options).Should().EndWith("00026964" + "0000");
    }

    [Fact]
    public void MQTT_3_1_2_20_PINGREQ_is_sent_when_nothing_else_is()
    {
        var server = ScriptedServer.Connected(options: new() { KeepAlivePeriod = TimeSpan.FromSeconds(7) });

        server.Advance(TimeSpan.FromSeconds(7));

        server.Sent().Should().Equal(MqttPacketType.PingReq);
    }

    [Fact]
    public void MQTT_3_1_2_21_server_keep_alive_replaces_ours()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ServerKeepAlive, 3));
        server.Advance(TimeSpan.FromSeconds(3));
        server.Sent().Should().Equal(MqttPacketType.PingReq);
    }

    [Fact]
    public void MQTT_3_1_2_23_session_state_outlives_the_connection()
    {
        var server = ScriptedServer.Connected(options: _resuming);
        server.Publish("t", qos: 1);
        server.SayPublish("t", packetId: 6, qos: 2);
        server.Session.Acknowledge(6, 0, server.Now);
        server.Session.OnTransportClosed("cut");

        var state = server.Session.TakeInflight();

        state.Publishes.Should().ContainSingle().Which.PacketId.Should().Be(1);
        state.ReceivedExactlyOnce.Should().Equal(6);
    }

    [Fact]
    public void MQTT_3_1_2_24_packet_above_our_maximum_size_is_refused()
    {
        var options = new MqttSessionOptions { MaximumPacketSize = 20 };
        Connect(options).Properties!.Number(MqttPropertyId.MaximumPacketSize).Should().Be(20);
        Refuses("3013", MqttDisconnectReasonCode.PacketTooLarge, "[MQTT-3.1.2-24]", options);
    }

    [Fact]
    public void MQTT_3_1_2_26_topic_alias_above_our_maximum_is_refused()
    {
        var options = new MqttSessionOptions { TopicAliasMaximum = 2 };
        Connect(options).Properties!.Number(MqttPropertyId.TopicAliasMaximum).Should().Be(2);
        Refuses("3007000161" + "03230003", MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.1.2-26]", options);
    }

    [Fact]
    public void MQTT_3_1_2_27_no_topic_alias_is_taken_when_none_is_allowed()
    {
        Connect(new()).Properties!.Has(MqttPropertyId.TopicAliasMaximum).Should().BeFalse();
        Refuses("3007000161" + "03230001", MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.1.2-26]");
    }

    [Fact]
    public void MQTT_3_1_2_28_response_information_is_told_only_when_asked_for()
    {
        foreach (var isAsked in new[] { true, false })
        {
            var server = ScriptedServer.Connected(
                p => p.Add(MqttPropertyId.ResponseInformation, "r"), new() { RequestResponseInformation = isAsked });
            server.Session.ConnectResult!.ResponseInformation.Should().Be(isAsked ? "r" : null);
        }
    }

    [Fact]
    public void MQTT_3_1_2_29_problem_information_that_we_do_not_want_is_a_protocol_error()
    {
        var options = new MqttSessionOptions { RequestProblemInformation = false };
        Connect(options).Properties!.Number(MqttPropertyId.RequestProblemInformation).Should().Be(0);
        var server = ScriptedServer.Connected(options: options);
        server.Publish("t", qos: 1);
        server.Sent();
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ReasonString, "why");
        server.Say(new MqttAckPacket(MqttPacketType.PubAck, 1, 0x80, properties));
        CheckFailed(server, Protocol, "[MQTT-3.1.2-29]");

        var other = ScriptedServer.Connected(options: options);
        other.Say(new MqttPublishPacket(new() { Topic = "t", UserProperties = [new("a", "b")] }));
        other.OnlyEvent().Kind.Should().Be(MqttEventKind.MessageReceived);
    }

    [Fact]
    public void MQTT_3_1_2_30_only_AUTH_and_DISCONNECT_are_sent_before_CONNACK()
    {
        var server = Challenged();
        server.Publish("t", qos: 1);
        server.Session.Subscribe(["t"], null, server.Now);
        server.Session.Unsubscribe(["t"], server.Now);
        server.Sent().Should().BeEmpty();

        server.Session.ContinueAuthentication([1], server.Now);
        server.Session.Disconnect(MqttDisconnectReasonCode.NotAuthorized, server.Now);

        server.Sent().Cast<MqttDisconnectPacket>().Select(p => p.Type)
            .Should().Equal(MqttPacketType.Auth, MqttPacketType.Disconnect);
    }

    [Fact]
    public void MQTT_3_1_3_1_payload_fields_are_in_order() =>
        ConnectHex(_rich).Should().EndWith("00026964" + "00" + "000177" + "000109" + "000175" + "000108");

    [Fact]
    public void MQTT_3_1_3_3_client_identifier_is_the_first_field()
    {
        ConnectHex(new() { ClientId = "id", UserName = "u" }).Should().EndWith("00026964" + "000175");
        ConnectHex(new()).Should().EndWith("0000");
    }

    [Fact]
    public void MQTT_3_1_3_4_client_identifier_is_utf8()
    {
        ConnectHex(new() { ClientId = "ü" }).Should().EndWith("0002C3BC");
        RefusesOptions(new() { ClientId = "\ud800" });
    }

    [Fact]
    public void MQTT_3_1_3_7_assigned_client_identifier_is_told() =>
        ScriptedServer.Connected(p => p.Add(MqttPropertyId.AssignedClientIdentifier, "x9"))
            .Session.ConnectResult!.AssignedClientIdentifier.Should().Be("x9");

    [Fact]
    public void MQTT_3_1_3_11_will_topic_is_utf8()
    {
        ConnectHex(new() { Will = ScriptedServer.Message("ü") }).Should().EndWith("0002C3BC" + "0000");
        RefusesOptions(new() { Will = ScriptedServer.Message("\ud800") });
    }

    [Fact]
    public void MQTT_3_1_3_12_user_name_is_utf8()
    {
        ConnectHex(new() { UserName = "ü" }).Should().EndWith("0002C3BC");
        RefusesOptions(new() { UserName = "\ud800" });
    }

    [Theory]
    [InlineData("3004000161" + "00")]
    [InlineData("40020001")]
    [InlineData("9004000100" + "00")]
    [InlineData("D000")]
    [InlineData("E000")]
    public void MQTT_3_2_0_1_packet_before_CONNACK_is_refused(string hex)
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);

        server.SayHex(hex);

        CheckFailed(server, Protocol, "[MQTT-3.2.0-1]");
    }

    [Fact]
    public void MQTT_3_2_0_2_second_CONNACK_is_refused() => Refuses("2003000000", Protocol, "[MQTT-3.2.0-2]");

    [Theory]
    [InlineData("2003020000", Malformed, "[MQTT-3.2.2-1]")]
    [InlineData("2003800000", Malformed, "[MQTT-3.2.2-1]")]
    public void MQTT_3_2_2_1_reserved_acknowledge_flags_are_refused(
        string hex, MqttDisconnectReasonCode code, string rule) => RefusesConnAck(hex, code, rule);

    [Fact]
    public void MQTT_3_2_2_2_session_present_after_a_clean_start_is_refused() =>
        RefusesConnAck("2003010000", Protocol, "[MQTT-3.2.2-2]");

    [Fact]
    public void MQTT_3_2_2_4_client_without_session_state_closes_when_a_session_is_present()
    {
        // A client that holds no state says so with a clean start.
        var server = new ScriptedServer(new MqttSessionOptions { CleanStart = true });
        server.Session.Connect(server.Now);
        server.SayHex("2003010000");
        server.Session.State.Should().Be(MqttSessionState.Closed);
    }

    [Fact]
    public void MQTT_3_2_2_5_client_with_session_state_discards_it_when_none_is_present()
    {
        var former = ScriptedServer.Connected();
        former.SayPublish("t", packetId: 6, qos: 2);
        former.Session.Acknowledge(6, 0, former.Now);
        former.Events();

        var server = Resumed(former, isSessionPresent: false);
        server.SayPublish("new", packetId: 6, qos: 2);

        server.OnlyEvent().Message!.Topic.Should().Be("new");
    }

    [Fact]
    public void MQTT_3_2_2_6_session_present_with_an_error_is_refused() =>
        RefusesConnAck("2003018700", Protocol, "[MQTT-3.2.2-6]");

    [Fact]
    public void MQTT_3_2_2_7_session_ends_after_a_refusal()
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);

        server.SayHex("2003008900");

        server.OnlyEvent().ConnectResult!.ResultCode.Should().Be(MqttClientConnectResultCode.ServerBusy);
        server.Session.State.Should().Be(MqttSessionState.Closed);
    }

    [Theory]
    [InlineData("2003000100")]
    [InlineData("2003008B00")]
    [InlineData("200300FF00")]
    public void MQTT_3_2_2_8_unknown_reason_code_is_refused(string hex) => RefusesConnAck(hex, Protocol, "§2.4");

    [Fact]
    public void MQTT_3_2_2_11_QoS_above_the_servers_maximum_is_not_sent() => RefusesPublish(
        ScriptedServer.Message("t", qos: 1), "[MQTT-3.2.2-11]",
        ScriptedServer.Connected(p => p.Add(MqttPropertyId.MaximumQoS, 0)));

    [Fact]
    public void MQTT_3_2_2_14_retained_message_is_not_sent_to_a_server_without_them() => RefusesPublish(
        new() { Topic = "t", Retain = true }, "[MQTT-3.2.2-14]",
        ScriptedServer.Connected(p => p.Add(MqttPropertyId.RetainAvailable, 0)));

    [Fact]
    public void MQTT_3_2_2_15_packet_above_the_servers_maximum_size_is_not_sent()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.MaximumPacketSize, 20));
        RefusesPublish(ScriptedServer.Message("t", payload: new byte[15]), "[MQTT-3.2.2-15]", server);
        server.Publish("t", payload: new byte[14]);
        server.Session.OutputBytes.Should().Be(20);
        server.Sent();
        server.Events();

        server.Session.Subscribe([new string('a', 12)], subscriptionIdentifier: null, server.Now);
        server.Session.OutputBytes.Should().Be(20);
        server.Sent();
        server.Session.Subscribe([new string('a', 12)], subscriptionIdentifier: 1, server.Now);
        server.OnlyEvent().SubscribeResult!.ReasonString.Should().StartWith("[MQTT-3.2.2-15]");
        server.Session.Unsubscribe([new string('a', 13)], server.Now);
        server.Session.OutputBytes.Should().Be(20);
        server.Sent();
        server.Session.Unsubscribe([new string('a', 14)], server.Now);
        server.OnlyEvent().UnsubscribeResult!.ReasonString.Should().StartWith("[MQTT-3.2.2-15]");
    }

    [Fact]
    public void MQTT_3_2_2_17_topic_alias_above_the_servers_maximum_is_not_sent() => RefusesPublish(
        new() { Topic = "t", TopicAlias = 4 }, "[MQTT-3.2.2-17]",
        ScriptedServer.Connected(p => p.Add(MqttPropertyId.TopicAliasMaximum, 3)));

    [Fact]
    public void MQTT_3_2_2_18_no_topic_alias_is_sent_to_a_server_without_them()
    {
        var server = ScriptedServer.Connected();
        RefusesPublish(new() { Topic = "t", TopicAlias = 1 }, "[MQTT-3.2.2-17]", server);
        for (var i = 0; i < 3; i++)
        {
            server.Publish("a/rather/long/topic");
            SentPublish(server).TopicAlias.Should().Be(0);
        }
    }

    [Fact]
    public void MQTT_3_2_2_21_server_keep_alive_is_used()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ServerKeepAlive, 600));
        server.Session.NextTimeout.Should().Be(server.Now + TimeSpan.FromSeconds(600));
        server.Session.ConnectResult!.ServerKeepAlive.Should().Be(600);
    }

    [Fact]
    public void MQTT_3_2_2_22_our_keep_alive_is_used_when_the_server_names_none()
    {
        var options = new MqttSessionOptions { KeepAlivePeriod = TimeSpan.FromSeconds(9) };
        Connect(options).KeepAliveSeconds.Should().Be(9);
        var server = ScriptedServer.Connected(options: options);
        server.Session.NextTimeout.Should().Be(server.Now + TimeSpan.FromSeconds(9));
    }

    private static void RefusesConnAck(string hex, MqttDisconnectReasonCode code, string rule)
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);
        server.SayHex(hex);
        CheckFailed(server, code, rule);
    }
}
