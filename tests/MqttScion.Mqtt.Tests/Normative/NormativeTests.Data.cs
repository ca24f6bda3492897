namespace MqttScion.Mqtt.Tests;

public partial class NormativeTests
{
    [Fact]
    public void MQTT_1_5_4_1_strings_are_well_formed_utf8()
    {
        RefusesPublish(ScriptedServer.Message("a\ud800"), "[MQTT-1.5.4-1]");
        Refuses("30060003" + "EDA080" + "00", Malformed, "[MQTT-1.5.4-1]");
    }

    [Fact]
    public void MQTT_1_5_4_2_strings_hold_no_null()
    {
        RefusesPublish(ScriptedServer.Message("a\0"), "U+0000");
        Refuses("30040001" + "00" + "00", Malformed, "[MQTT-1.5.4-2]");
    }

    [Fact]
    public void MQTT_1_5_4_3_zero_width_no_break_space_is_kept()
    {
        var server = ScriptedServer.Connected();
        server.SayHex("30060003" + "EFBBBF" + "00");
        server.OnlyEvent().Message!.Topic.Should().Be("\ufeff");

        server.Publish("\ufeff");

        Hex(server).Should().Be("30060003" + "EFBBBF" + "00");
    }

    [Theory]
    [InlineData(127, 2)]
    [InlineData(128, 3)]
    [InlineData(16_383, 3)]
    [InlineData(16_384, 4)]
    [InlineData(2_097_151, 4)]
    [InlineData(2_097_152, 5)]
    public void MQTT_1_5_5_1_lengths_use_the_fewest_bytes(int remainingLength, int headerLength)
    {
        var server = ScriptedServer.Connected(options: new MqttSessionOptions { OutputHighWaterBytes = 4 << 20 });

        server.Publish("t", payload: new byte[remainingLength - 4]);

        server.Session.OutputBytes.Should().Be(headerLength + remainingLength);
        Refuses("3080808000", Malformed, "[MQTT-1.5.5-1]");
    }

    [Fact]
    public void MQTT_1_5_7_1_both_strings_of_a_pair_are_well_formed()
    {
        RefusesPublish(new() { Topic = "t", UserProperties = [new("\udc00", "")] }, "[MQTT-1.5.4-1]");
        RefusesPublish(new() { Topic = "t", UserProperties = [new("", "\udc00")] }, "[MQTT-1.5.4-1]");
        Refuses("300A000161" + "06" + "26" + "0001FF" + "0000", Malformed, "[MQTT-1.5.4-1]");
        Refuses("300A000161" + "06" + "26" + "0000" + "0001FF", Malformed, "[MQTT-1.5.4-1]");
    }

    [Theory]
    [InlineData("D100")]
    [InlineData("21030000" + "00")]
    [InlineData("41020001")]
    [InlineData("51020001")]
    [InlineData("60020001")]
    [InlineData("71020001")]
    [InlineData("9104000100" + "00")]
    [InlineData("B104000100" + "00")]
    public void MQTT_2_1_3_1_reserved_flags_have_their_values(string received)
    {
        var server = received[0] == '2' ? new ScriptedServer() : ScriptedServer.Connected();
        if (received[0] == '2')
        {
            server.Session.Connect(server.Now);
        }

        server.SayHex(received);

        CheckFailed(server, Malformed, "flags");
    }

    [Fact]
    public void MQTT_2_2_1_2_QoS_0_has_no_packet_identifier()
    {
        var server = ScriptedServer.Connected();

        server.Publish("t", payload: [7]);

        Hex(server).Should().Be("3005" + "000174" + "00" + "07");
    }

    [Fact]
    public void MQTT_2_2_1_3_new_packets_take_unused_identifiers_above_zero()
    {
        var server = ScriptedServer.Connected();
        server.Publish("a", qos: 1);
        server.Session.Subscribe(["b"], null, server.Now);
        server.Publish("c", qos: 2);
        server.Session.Unsubscribe(["b"], server.Now);

        server.Sent().Select(p => p switch
        {
            MqttPublishPacket publish => publish.PacketId,
            MqttSubscribePacket subscribe => subscribe.PacketId,
            _ => ((MqttUnsubscribePacket)p).PacketId,
        }).Should().OnlyHaveUniqueItems().And.NotContain((ushort)0);
    }

    [Fact]
    public void MQTT_2_2_1_4_server_that_uses_an_identifier_twice_is_told()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("a", packetId: 1, qos: 1);
        server.SayPublish("b", packetId: 1, qos: 1);
        CheckFailed(server, Protocol, "[MQTT-2.2.1-4]");
        Refuses("3206000161000000", Protocol, "packet identifier is 0");
    }

    [Fact]
    public void MQTT_2_2_1_5_acknowledgements_carry_the_identifier_of_the_publish()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("a", packetId: 0x1234, qos: 1);
        server.SayPublish("b", packetId: 0x4321, qos: 2);
        server.Session.Acknowledge(0x1234, 0, server.Now);
        server.Session.Acknowledge(0x4321, 0, server.Now);
        server.Say(new MqttAckPacket(MqttPacketType.PubRel, 0x4321));
        server.Publish("c", qos: 2);
        server.Say(new MqttAckPacket(MqttPacketType.PubRec, 1));

        Hex(server).Should().Be("40021234" + "50024321" + "70024321" + "3406" + "000163" + "0001" + "00" + "62020001");
    }

    [Fact]
    public void MQTT_2_2_1_6_answer_with_another_identifier_is_refused()
    {
        Refuses("9004000900" + "00", Protocol, "identifier 9");
        Refuses("B004000900" + "00", Protocol, "identifier 9");
    }

    [Fact]
    public void MQTT_2_2_2_1_no_properties_are_a_length_of_zero()
    {
        var server = ScriptedServer.Connected();
        server.Session.Subscribe(["a"], null, server.Now);
        server.Session.Unsubscribe(["a"], server.Now);
        server.Publish("a", qos: 1);

        Hex(server).Should().Be(
            "8207" + "0001" + "00" + "000161" + "01" + "A206" + "0002" + "00" + "000161"
            + "3206" + "000161" + "0003" + "00");
    }
}
