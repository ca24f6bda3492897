namespace MqttScion.Mqtt.Tests;

public partial class NormativeTests
{
    [Fact]
    public void MQTT_3_8_1_1_SUBSCRIBE_has_its_flags()
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(["a"], null, server.Now);
        Hex(server).Should().StartWith("82");
    }

    [Fact]
    public void MQTT_3_8_3_1_filters_are_utf8()
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(["ü"], null, server.Now);
        Hex(server).Should().EndWith("0002C3BC" + "01");
        RefusesSubscribe(["\ud800"], "[MQTT-1.5.4-1]");
    }

    [Fact]
    public void MQTT_3_8_3_2_SUBSCRIBE_has_a_filter() => RefusesSubscribe([], "[MQTT-3.8.3-2]");

    [Fact]
    public void MQTT_3_8_3_4_no_local_is_not_set_on_a_shared_subscription() =>
        RefusesSubscribe([new() { Topic = "$share/g/a", NoLocal = true }], "[MQTT-3.8.3-4]");

    [Fact]
    public void MQTT_3_8_3_5_reserved_option_bits_are_zero()
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(
            [new()
            {
                Topic = "a",
                QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
                NoLocal = true,
                RetainAsPublished = true,
                RetainHandling = MqttRetainHandling.DoNotSendOnSubscribe,
            }], null, server.Now);
        Hex(server).Should().EndWith("2E");
    }

    [Fact]
    public void MQTT_3_8_4_2_SUBACK_is_found_by_its_identifier()
    {
        var server = ScriptedServer.Connected();
        var first = server.Session.Subscribe(["a"], null, server.Now);
        var second = server.Session.Subscribe(["b"], null, server.Now);
        server.SayHex("9004000200" + "01");
        server.SayHex("9004000100" + "00");
        server.Events().Select(e => e.Token).Should().Equal(second, first);
    }

    [Fact]
    public void MQTT_3_8_4_6_SUBACK_has_a_reason_code_for_each_filter()
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(["a", "b"], null, server.Now);
        server.SayHex("9004000100" + "00");
        CheckFailed(server, Protocol, "1 reason codes");
    }

    [Fact]
    public void MQTT_3_9_3_1_reason_codes_of_SUBACK_are_in_the_order_of_the_filters()
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(["a", "b", "c"], null, server.Now);
        server.SayHex("9006000100" + "018700");
        server.OnlyEvent().SubscribeResult!.Items.Select(i => (i.TopicFilter.Topic, (int)i.ResultCode))
            .Should().Equal(("a", 1), ("b", 0x87), ("c", 0));
    }

    [Fact]
    public void MQTT_3_9_3_2_unknown_reason_code_of_SUBACK_is_refused()
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(["a"], null, server.Now);
        server.SayHex("9004000100" + "03");
        CheckFailed(server, Protocol, "§2.4");
    }

    [Fact]
    public void MQTT_3_10_1_1_UNSUBSCRIBE_has_its_flags()
    {
        var server = ScriptedServer.Connected();
        server.Session.Unsubscribe(["a"], server.Now);
        Hex(server).Should().StartWith("A2");
    }

    [Fact]
    public void MQTT_3_10_3_1_filters_are_utf8()
    {
        var server = ScriptedServer.Connected();
        server.Session.Unsubscribe(["ü"], server.Now);
        Hex(server).Should().EndWith("0002C3BC");
        server.Session.Unsubscribe(["\ud800"], server.Now);
        server.OnlyEvent().UnsubscribeResult!.ReasonString.Should().StartWith("[MQTT-1.5.4-1]");
    }

    [Fact]
    public void MQTT_3_10_3_2_UNSUBSCRIBE_has_a_filter()
    {
        var server = ScriptedServer.Connected();
        server.Session.Unsubscribe([], server.Now);
        server.OnlyEvent().UnsubscribeResult!.ReasonString.Should().StartWith("[MQTT-3.10.3-2]");
        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void MQTT_3_11_3_1_reason_codes_of_UNSUBACK_are_in_the_order_of_the_filters()
    {
        var server = ScriptedServer.Connected();
        server.Session.Unsubscribe(["a", "b"], server.Now);
        server.SayHex("B005000100" + "1100");
        server.OnlyEvent().UnsubscribeResult!.Items.Select(i => (i.TopicFilter, (int)i.ResultCode))
            .Should().Equal(("a", 0x11), ("b", 0));
    }

    [Fact]
    public void MQTT_3_11_3_2_unknown_reason_code_of_UNSUBACK_is_refused()
    {
        var server = ScriptedServer.Connected();
        server.Session.Unsubscribe(["a"], server.Now);
        server.SayHex("B004000100" + "01");
        CheckFailed(server, Protocol, "§2.4");
    }

    [Fact]
    public void MQTT_3_12_4_1_missing_PINGRESP_is_noticed()
    {
        var server = ScriptedServer.Connected(options: new()
        {
            KeepAlivePeriod = TimeSpan.FromSeconds(5),
            PingResponseTimeout = TimeSpan.FromSeconds(2),
        });
        server.Advance(TimeSpan.FromSeconds(7));
        server.CheckFailed(
            MqttSessionEndCause.PingTimeout, MqttDisconnectReasonCode.KeepAliveTimeout, "after PINGREQ");
    }

    [Fact]
    public void MQTT_3_14_0_1_DISCONNECT_before_CONNACK_is_refused()
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);
        server.SayHex("E0018B");
        CheckFailed(server, Protocol, "[MQTT-3.2.0-1]");
    }

    [Fact]
    public void MQTT_3_14_1_1_reserved_flags_of_DISCONNECT_are_zero()
    {
        DisconnectHex().Should().Be("E000");
        Refuses("E100", Malformed, "[MQTT-3.14.1-1]");
    }

    [Theory]
    [InlineData("E00101", "§2.4")]
    [InlineData("E00104", "[MQTT-3.14.2-1]")]
    public void MQTT_3_14_2_1_reason_code_that_a_server_has_not_is_refused(string hex, string rule) =>
        Refuses(hex, Protocol, rule);

    [Fact]
    public void MQTT_3_14_2_2_session_expiry_of_a_server_is_refused() =>
        Refuses("E00700" + "05" + "1100000001", Protocol, "[MQTT-3.14.2-2]");

    [Fact]
    public void MQTT_3_14_2_3_DISCONNECT_has_no_reason_string() => DisconnectHex().Should().Be("E000");

    [Fact]
    public void MQTT_3_14_2_4_DISCONNECT_has_no_user_property() => DisconnectHex().Should().Be("E000");

    [Fact]
    public void MQTT_3_14_4_1_nothing_is_sent_after_DISCONNECT()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("t", packetId: 1, qos: 1);
        server.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, server.Now);
        Hex(server);

        server.Publish("t", qos: 1);
        server.Session.Subscribe(["t"], null, server.Now);
        server.Session.Unsubscribe(["t"], server.Now);
        server.Session.Acknowledge(1, 0, server.Now).Should().BeFalse();
        server.Session.ContinueAuthentication(null, server.Now).Should().BeFalse();
        server.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, server.Now);
        server.SayHex("62020009");
        server.Advance(TimeSpan.FromHours(1));

        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void MQTT_3_14_4_2_session_is_closed_after_DISCONNECT()
    {
        var server = ScriptedServer.Connected();
        server.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, server.Now);
        server.Session.State.Should().Be(MqttSessionState.Closed);
        server.Session.NextTimeout.Should().BeNull();
    }

    [Fact]
    public void MQTT_3_15_1_1_reserved_flags_of_AUTH_are_zero()
    {
        var server = Challenged();
        server.Session.ContinueAuthentication(null, server.Now);
        Hex(server).Should().StartWith("F0");
        RefusesAuth("F100", Malformed, "[MQTT-3.15.1-1]");
    }

    [Theory]
    [InlineData("F00601" + "04" + "15000173", "§2.4")]
    [InlineData("F00619" + "04" + "15000173", "out of turn")]
    public void MQTT_3_15_2_1_reason_code_that_a_server_has_not_is_refused(string hex, string rule) =>
        RefusesAuth(hex, Protocol, rule);

    [Fact]
    public void MQTT_3_15_2_2_AUTH_has_no_reason_string() => AuthHex().Should().Be("F00618" + "04" + "15000173");

    [Fact]
    public void MQTT_3_15_2_3_AUTH_has_no_user_property() => AuthHex().Should().Be("F00618" + "04" + "15000173");

    private static void RefusesSubscribe(MqttTopicFilter[] filters, string rule)
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(filters, null, server.Now);
        server.OnlyEvent().SubscribeResult!.ReasonString.Should().StartWith(rule);
        server.Sent().Should().BeEmpty();
    }

    private static string DisconnectHex()
    {
        var server = ScriptedServer.Connected();
        server.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, server.Now);
        return Hex(server);
    }

    /// <summary>A session with the authentication method "s" whose CONNECT was sent.</summary>
    private static ScriptedServer Authenticating()
    {
        var server = new ScriptedServer(
            new() { ClientId = "c", AuthenticationMethod = "s", AuthenticationData = [1] });
        server.Session.Connect(server.Now);
        server.Sent();
        return server;
    }

    private static ScriptedServer Challenged()
    {
        var server = Authenticating();
        server.Say(Auth(0x18, "s", [2]));
        server.OnlyEvent().Kind.Should().Be(MqttEventKind.AuthenticationRequired);
        return server;
    }

    private static ScriptedServer Authenticated()
    {
        var server = Authenticating();
        server.Say(new MqttConnAckPacket(false, 0, Auth(0, "s").Properties));
        server.OnlyEvent().Kind.Should().Be(MqttEventKind.Connected);
        return server;
    }

    private static MqttDisconnectPacket Auth(byte code, string? method, byte[]? data = null)
    {
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.AuthenticationMethod, method);
        properties.Add(MqttPropertyId.AuthenticationData, data);
        return new MqttDisconnectPacket(MqttPacketType.Auth, code, properties);
    }

    private static void RefusesAuth(string hex, MqttDisconnectReasonCode code, string rule)
    {
        var server = Authenticating();
        server.SayHex(hex);
        CheckFailed(server, code, rule);
    }

    private static string AuthHex()
    {
        var server = Challenged();
        server.Session.ContinueAuthentication(null, server.Now);
        return Hex(server);
    }
}
