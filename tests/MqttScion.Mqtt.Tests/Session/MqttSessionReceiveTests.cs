namespace MqttScion.Mqtt.Tests;

public class MqttSessionReceiveTests
{
    [Fact]
    public void Message_byte_by_byte_arrives_once()
    {
        var server = ScriptedServer.Connected();
        var bytes = AnyPacket.Write(new MqttPublishPacket(ScriptedServer.Message("t", payload: [5, 6])));

        foreach (var b in bytes)
        {
            server.Events().Should().BeEmpty();
            server.Session.Receive([b], server.Now);
        }

        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.MessageReceived);
        e.PacketId.Should().Be(0);
        e.Message!.Topic.Should().Be("t");
        e.Message.Payload.ToArray().Should().Equal(5, 6);
    }

    [Fact]
    public void Large_message_in_small_fragments_arrives()
    {
        var server = ScriptedServer.Connected();
        var payload = new byte[4 << 20];
        new Random(1).NextBytes(payload);
        var bytes = AnyPacket.Write(new MqttPublishPacket(ScriptedServer.Message("t", payload: payload)));

        for (var start = 0; start < bytes.Length; start += 1200)
        {
            server.Session.Receive(bytes.AsSpan(start, Math.Min(1200, bytes.Length - start)), server.Now);
        }

        server.OnlyEvent().Message!.Payload.Span.SequenceEqual(payload).Should().BeTrue();
    }

    [Fact]
    public void Acknowledgements_leave_in_arrival_order()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("a", packetId: 5, qos: 1);
        server.SayPublish("b", packetId: 3, qos: 1);
        server.SayPublish("c", packetId: 4, qos: 2);
        server.Events().Select(e => e.PacketId).Should().Equal(5, 3, 4);

        Acknowledge(server, 4).Should().BeTrue();
        Acknowledge(server, 3, MqttClientPublishReasonCode.UnspecifiedError).Should().BeTrue();
        server.Sent().Should().BeEmpty();
        Acknowledge(server, 5).Should().BeTrue();

        server.Sent().Should().Equal(
            new MqttAckPacket(MqttPacketType.PubAck, 5),
            new MqttAckPacket(MqttPacketType.PubAck, 3, 0x80),
            new MqttAckPacket(MqttPacketType.PubRec, 4));
        Acknowledge(server, 5).Should().BeFalse("it was answered before");
        server.Session.UnacknowledgedCount.Should().Be(1);
    }

    [Fact]
    public void QoS_2_message_is_delivered_once_and_released()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("a", packetId: 9, qos: 2);
        server.Events().Should().ContainSingle();
        Acknowledge(server, 9);
        server.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubRec, 9));

        server.SayPublish("a", packetId: 9, qos: 2, dup: true);
        server.Say(new MqttAckPacket(MqttPacketType.PubRel, 9));
        server.Say(new MqttAckPacket(MqttPacketType.PubRel, 9));

        server.Events().Should().BeEmpty();
        server.Sent().Should().Equal(
            new MqttAckPacket(MqttPacketType.PubRec, 9),
            new MqttAckPacket(MqttPacketType.PubComp, 9),
            new MqttAckPacket(MqttPacketType.PubComp, 9, 0x92));
        server.Session.UnacknowledgedCount.Should().Be(0);
    }

    [Fact]
    public void QoS_2_message_taken_before_a_reconnect_is_not_delivered_again()
    {
        var first = ScriptedServer.Connected();
        first.SayPublish("a", packetId: 9, qos: 2);
        Acknowledge(first, 9);
        first.Session.OnTransportClosed("");
        var second = ScriptedServer.Connected(
            options: new MqttSessionOptions { CleanStart = false, Inflight = first.Session.TakeInflight() },
            isSessionPresent: true);

        second.SayPublish("a", packetId: 9, qos: 2, dup: true);

        second.Events().Should().BeEmpty();
        second.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubRec, 9));
    }

    [Fact]
    public void More_messages_than_the_Receive_Maximum_disconnect()
    {
        var server = ScriptedServer.Connected(options: new MqttSessionOptions { ReceiveMaximum = 2 });
        server.SayPublish("a", packetId: 1, qos: 1);
        server.SayPublish("a", packetId: 2, qos: 2);
        server.SayPublish("a");

        server.SayPublish("a", packetId: 3, qos: 1);

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ReceiveMaximumExceeded, "[MQTT-3.3.4-9]");
    }

    [Fact]
    public void Packet_identifier_in_use_is_a_protocol_error()
    {
        var server = ScriptedServer.Connected();
        server.SayPublish("a", packetId: 1, qos: 1);

        server.SayPublish("b", packetId: 1, qos: 1);

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "[MQTT-2.2.1-4]");
    }

    [Fact]
    public void Topic_alias_is_refused()
    {
        var server = ScriptedServer.Connected();

        server.SayPublish("a", alias: 1);

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.TopicAliasInvalid, "[MQTT-3.1.2-26]");
    }

    [Fact]
    public void Acknowledgements_wait_while_the_server_does_not_read()
    {
        var server = ScriptedServer.Connected(options: new MqttSessionOptions { OutputHighWaterBytes = 100 });
        server.Publish("t", payload: new byte[200]);
        server.SayPublish("a", packetId: 1, qos: 1);
        Acknowledge(server, 1);
        var before = server.Session.OutputBytes;

        server.Session.UnacknowledgedCount.Should().Be(1);
        server.Sent().Should().ContainSingle().Which.Should().BeOfType<MqttPublishPacket>();

        before.Should().BeGreaterThan(200);
        server.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubAck, 1));
    }

    [Fact]
    public void Server_that_makes_us_answer_without_reading_is_cut_off()
    {
        var server = ScriptedServer.Connected();
        var flood = string.Concat(Enumerable.Repeat("62020001", 1000));
        for (var i = 0; i < 200 && server.Session.State == MqttSessionState.Connected; i++)
        {
            server.SayHex(flood);
        }

        server.Session.End!.ReasonCode.Should().Be(MqttDisconnectReasonCode.QuotaExceeded);
        server.Session.OutputBytes.Should().BeLessThan(1 << 20);
    }

    private static bool Acknowledge(
        ScriptedServer server, ushort id, MqttClientPublishReasonCode code = MqttClientPublishReasonCode.Success) =>
        server.Session.Acknowledge(id, code, server.Now);
}
