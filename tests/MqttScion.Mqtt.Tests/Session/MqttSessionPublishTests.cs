namespace MqttScion.Mqtt.Tests;

public class MqttSessionPublishTests
{
    [Fact]
    public void QoS_0_completes_when_it_is_in_the_output()
    {
        var server = ScriptedServer.Connected();

        var token = server.Publish("t", payload: [1, 2]);

        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.PublishCompleted);
        e.Token.Should().Be(token);
        e.PublishResult!.IsSuccess.Should().BeTrue();
        ((MqttPublishPacket)server.Sent().Single()).Message.Payload.ToArray().Should().Equal(1, 2);
    }

    [Fact]
    public void QoS_1_completes_with_the_PubAck()
    {
        var server = ScriptedServer.Connected();
        var token = server.Publish("t", qos: 1);
        server.Events().Should().BeEmpty();
        var id = ((MqttPublishPacket)server.Sent().Single()).PacketId;

        server.Say(new MqttAckPacket(MqttPacketType.PubAck, id, 0x10));

        var e = server.OnlyEvent();
        e.Token.Should().Be(token);
        e.PublishResult!.ReasonCode.Should().Be(MqttClientPublishReasonCode.NoMatchingSubscribers);
        e.PublishResult.IsSuccess.Should().BeTrue();
        e.PublishResult.PacketIdentifier.Should().Be(id);
        server.Session.InflightCount.Should().Be(0);
    }

    [Fact]
    public void QoS_1_error_is_told()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 1);
        var id = ((MqttPublishPacket)server.Sent().Single()).PacketId;

        server.Say(new MqttAckPacket(MqttPacketType.PubAck, id, 0x87));

        server.OnlyEvent().PublishResult.Should().BeEquivalentTo(new
        {
            ReasonCode = MqttClientPublishReasonCode.NotAuthorized,
            IsLocal = false,
            IsSuccess = false,
        });
    }

    [Fact]
    public void QoS_2_goes_through_PubRec_PubRel_PubComp()
    {
        var server = ScriptedServer.Connected();
        var token = server.Publish("t", qos: 2);
        var id = ((MqttPublishPacket)server.Sent().Single()).PacketId;

        server.Say(new MqttAckPacket(MqttPacketType.PubRec, id));
        server.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubRel, id));
        server.Events().Should().BeEmpty();
        server.Say(new MqttAckPacket(MqttPacketType.PubComp, id));

        server.OnlyEvent().Token.Should().Be(token);
        server.Session.InflightCount.Should().Be(0);
    }

    [Fact]
    public void QoS_2_PubRec_with_an_error_completes()
    {
        var server = ScriptedServer.Connected();
        server.Publish("t", qos: 2);
        var id = ((MqttPublishPacket)server.Sent().Single()).PacketId;

        server.Say(new MqttAckPacket(MqttPacketType.PubRec, id, 0x97));

        server.OnlyEvent().PublishResult!.ReasonCode.Should().Be(MqttClientPublishReasonCode.QuotaExceeded);
        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void Publishes_beyond_the_Receive_Maximum_wait_in_order()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 2));
        for (var i = 0; i < 5; i++)
        {
            server.Publish($"t/{i}", qos: 1);
        }
        var topics = new List<string>();
        server.Session.WaitingCount.Should().Be(3);

        for (var sent = server.Sent(); sent.Count > 0; sent = server.Sent())
        {
            server.Session.InflightCount.Should().BeLessThanOrEqualTo(2);
            foreach (var packet in sent.Cast<MqttPublishPacket>())
            {
                topics.Add(packet.Message.Topic);
                server.Say(new MqttAckPacket(MqttPacketType.PubAck, packet.PacketId));
            }
        }

        topics.Should().Equal("t/0", "t/1", "t/2", "t/3", "t/4");
        server.Events().Should().HaveCount(5);
    }

    [Fact]
    public void Waiting_publishes_are_bounded()
    {
        var server = ScriptedServer.Connected(
            p => p.Add(MqttPropertyId.ReceiveMaximum, 1), new MqttSessionOptions { MaximumWaitingPublishes = 2 });
        server.Publish("a", qos: 1);
        server.Publish("b", qos: 1);
        server.Session.CanPublish.Should().BeTrue();
        server.Publish("c", qos: 1);
        server.Session.CanPublish.Should().BeFalse();

        var token = server.Publish("d", qos: 1);

        var e = server.OnlyEvent();
        e.Token.Should().Be(token);
        e.PublishResult.Should().BeEquivalentTo(
            new { ReasonCode = MqttClientPublishReasonCode.QuotaExceeded, IsLocal = true });
    }

    [Fact]
    public void Output_is_bounded()
    {
        var server = ScriptedServer.Connected(options: new MqttSessionOptions { OutputHighWaterBytes = 1000 });
        var payload = new byte[600];
        server.Publish("a", payload: payload);
        server.Publish("b", payload: payload);
        server.Publish("c", qos: 1);
        server.Session.CanPublish.Should().BeFalse();
        server.Events().Should().HaveCount(2);

        server.Publish("d", payload: payload);

        server.OnlyEvent().PublishResult!.ReasonCode.Should().Be(MqttClientPublishReasonCode.QuotaExceeded);
        server.Session.WaitingCount.Should().Be(1);
        server.Sent().Should().HaveCount(2);
        ((MqttPublishPacket)server.Sent().Single()).Message.Topic.Should().Be("c");
        server.Session.CanPublish.Should().BeTrue();
    }

    [Fact]
    public void Packet_identifiers_are_not_reused_while_in_use()
    {
        var server = ScriptedServer.Connected(options: new MqttSessionOptions { MaximumWaitingPublishes = 10 });
        var used = new HashSet<ushort>();
        for (var i = 0; i < 65_535; i++)
        {
            server.Publish("t", qos: 1);
            used.Add(((MqttPublishPacket)server.Sent().Single()).PacketId).Should().BeTrue();
        }
        used.Should().NotContain(0);

        server.Publish("more", qos: 1);
        server.Session.Subscribe(["x"], null, server.Now);

        server.Session.WaitingCount.Should().Be(1);
        server.OnlyEvent().SubscribeResult!.ReasonString.Should().Contain("[MQTT-2.2.1-3]");
        server.Say(new MqttAckPacket(MqttPacketType.PubAck, 777));
        ((MqttPublishPacket)server.Sent().Single()).PacketId.Should().Be(777);
    }

    [Fact]
    public void Message_that_the_server_forbids_is_refused_by_the_rule()
    {
        var server = ScriptedServer.Connected(p =>
        {
            p.Add(MqttPropertyId.MaximumQoS, 1);
            p.Add(MqttPropertyId.RetainAvailable, 0);
            p.Add(MqttPropertyId.MaximumPacketSize, 100);
            p.Add(MqttPropertyId.TopicAliasMaximum, 3);
        });
        var fits = ScriptedServer.Message("t", payload: new byte[100 - 2 - 3 - 1]);
        (MqttApplicationMessage Message, MqttClientPublishReasonCode Code, string Rule)[] cases =
        [
            (ScriptedServer.Message("t", qos: 2), MqttClientPublishReasonCode.QoSNotSupported, "[MQTT-3.2.2-11]"),
            (new() { Topic = "t", Retain = true }, MqttClientPublishReasonCode.RetainNotSupported, "[MQTT-3.2.2-14]"),
            (ScriptedServer.Message("t2", payload: new byte[94]),
                MqttClientPublishReasonCode.PacketTooLarge, "[MQTT-3.2.2-15]"),
            (new() { Topic = "t", TopicAlias = 4 }, MqttClientPublishReasonCode.TopicAliasInvalid, "[MQTT-3.2.2-17]"),
            (ScriptedServer.Message("t/#"), MqttClientPublishReasonCode.TopicNameInvalid, "[MQTT-3.3.2-2]"),
            (ScriptedServer.Message(""), MqttClientPublishReasonCode.TopicNameInvalid, "[MQTT-4.7.3-1]"),
            (new() { Topic = "t", ResponseTopic = "#" },
                MqttClientPublishReasonCode.TopicNameInvalid, "[MQTT-3.3.2-14]"),
            (new() { Topic = "t", ContentType = "\0" },
                MqttClientPublishReasonCode.ImplementationSpecificError, "[MQTT-1.5.4-1]"),
        ];

        foreach (var (message, code, rule) in cases)
        {
            server.Session.Publish(message, server.Now);
            var result = server.OnlyEvent().PublishResult!;
            result.ReasonCode.Should().Be(code);
            result.ReasonString.Should().StartWith(rule);
            result.IsLocal.Should().BeTrue();
            server.Sent().Should().BeEmpty();
        }
        server.Session.Publish(fits, server.Now);
        server.OnlyEvent().PublishResult!.IsSuccess.Should().BeTrue();
        server.Session.OutputBytes.Should().Be(100);
        server.Session.Publish(new MqttApplicationMessage { Topic = "t", TopicAlias = 3 }, server.Now);
        server.Session.Publish(new MqttApplicationMessage { TopicAlias = 3 }, server.Now);
        server.Events().Should().OnlyContain(e => e.PublishResult!.IsSuccess);
    }

    [Theory]
    [InlineData("40020009", "PubAck")]
    [InlineData("70020009", "PubComp")]
    public void Acknowledgement_that_nothing_awaits_is_a_protocol_error(string hex, string type)
    {
        var server = ScriptedServer.Connected();

        server.SayHex(hex);

        server.CheckFailed(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, type);
    }

    [Fact]
    public void Unfinished_publishes_are_sent_again_when_the_session_is_present()
    {
        var first = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 3));
        int[] tokens = [first.Publish("a", 1), first.Publish("b", 2), first.Publish("c", 1), first.Publish("d", 1)];
        var ids = first.Sent().Cast<MqttPublishPacket>().Select(p => p.PacketId).ToArray();
        first.Say(new MqttAckPacket(MqttPacketType.PubRec, ids[1]));
        first.Session.OnTransportClosed("");
        var left = first.Session.TakeInflight();
        left.Publishes.Select(p => p.Token).Should().Equal(tokens);
        left.Publishes.Select(p => p.WasSent).Should().Equal(true, true, true, false);

        var second = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 2),
            new MqttSessionOptions { CleanStart = false, Inflight = left }, isSessionPresent: true);

        var sent = second.Sent();
        sent.Should().HaveCount(2);
        sent[0].Should().Be(new MqttAckPacket(MqttPacketType.PubRel, ids[1]));
        sent[1].Should().BeOfType<MqttPublishPacket>().Which.Should().Match<MqttPublishPacket>(
            p => p.Dup && p.PacketId == ids[0] && p.Message.Topic == "a");
        second.Say(new MqttAckPacket(MqttPacketType.PubComp, ids[1]));
        second.Say(new MqttAckPacket(MqttPacketType.PubAck, ids[0]));
        var rest = second.Sent().Cast<MqttPublishPacket>().ToList();
        rest.Select(p => (p.Message.Topic, p.Dup)).Should().Equal(("c", true), ("d", false));
        rest[0].PacketId.Should().Be(ids[2]);
        second.Events().Select(e => e.Token).Should().Equal(tokens[1], tokens[0]);
        second.Publish("new").Should().BeGreaterThan(tokens[3]);
    }

    [Fact]
    public void Unfinished_publishes_are_published_anew_when_the_session_is_lost()
    {
        var first = ScriptedServer.Connected();
        int[] tokens = [first.Publish("a", 1), first.Publish("b", 2), first.Publish("c", 2)];
        var ids = first.Sent().Cast<MqttPublishPacket>().Select(p => p.PacketId).ToArray();
        first.Say(new MqttAckPacket(MqttPacketType.PubRec, ids[1]));
        first.Session.OnTransportClosed("");

        var second = ScriptedServer.Connected(p => p.Add(MqttPropertyId.MaximumQoS, 1),
            options: new MqttSessionOptions { CleanStart = false, Inflight = first.Session.TakeInflight() });

        ((MqttPublishPacket)second.Sent().Single()).Should().Match<MqttPublishPacket>(
            p => !p.Dup && p.Message.Topic == "a");
        var events = second.Events();
        events.Select(e => e.Token).Should().Equal(tokens[1], tokens[2]);
        events[0].PublishResult!.ReasonString.Should().Contain("between PUBREC and PUBCOMP");
        events[1].PublishResult!.ReasonCode.Should().Be(MqttClientPublishReasonCode.QoSNotSupported);
    }

    [Fact]
    public void Packet_identifier_of_a_resumed_publish_is_not_given_away()
    {
        var first = ScriptedServer.Connected();
        first.Publish("a", 1);
        first.Publish("b", 1);
        first.Session.OnTransportClosed("");

        var second = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 1),
            new MqttSessionOptions { CleanStart = false, Inflight = first.Session.TakeInflight() },
            isSessionPresent: true);
        second.Session.Subscribe(["x"], null, second.Now);

        second.Sent().OfType<MqttSubscribePacket>().Single().PacketId.Should().Be(3);
    }

    [Fact]
    public void Inflight_survives_a_connection_that_was_never_accepted()
    {
        var first = ScriptedServer.Connected();
        var token = first.Publish("a", 1);
        first.Session.OnTransportClosed("");
        var second = new ScriptedServer(new MqttSessionOptions { Inflight = first.Session.TakeInflight() });
        second.Session.Connect(second.Now);
        second.Advance(TimeSpan.FromMinutes(1));

        second.Session.TakeInflight().Publishes.Should().ContainSingle().Which.Token.Should().Be(token);
    }
}
