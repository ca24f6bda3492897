namespace MqttScion.Mqtt.Tests;

public class MqttSessionDataStreamTests
{
    [Fact]
    public void Publish_is_answered_on_its_stream_whose_packet_identifiers_are_its_own()
    {
        var control = ScriptedServer.Connected();
        var data = control.OpenDataStream();
        control.Publish("a", qos: 1);
        var token = data.Publish("b", qos: 1);
        control.Sent().Should().ContainSingle().Which.As<MqttPublishPacket>().PacketId.Should().Be(1);
        data.Sent().Should().ContainSingle().Which.As<MqttPublishPacket>().PacketId.Should().Be(1);

        data.Say(new MqttAckPacket(MqttPacketType.PubAck, 1));

        data.OnlyEvent().Should().Match<MqttEvent>(e =>
            e.Kind == MqttEventKind.PublishCompleted && e.Token == token && e.PublishResult!.IsSuccess);
        control.Events().Should().BeEmpty();
        control.Session.InflightCount.Should().Be(1);
    }

    [Fact]
    public void Exactly_once_publish_goes_through_its_steps_on_a_data_stream()
    {
        var data = ScriptedServer.Connected().OpenDataStream();
        data.Publish("t", qos: 2);
        data.Sent();

        data.Say(new MqttAckPacket(MqttPacketType.PubRec, 1));
        data.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubRel, 1));
        data.Say(new MqttAckPacket(MqttPacketType.PubComp, 1));

        data.OnlyEvent().PublishResult!.IsSuccess.Should().BeTrue();
    }

    [Fact]
    public void Subscription_and_its_messages_are_on_its_stream()
    {
        var control = ScriptedServer.Connected();
        var data = control.OpenDataStream();
        var token = data.Session.Subscribe(["t"], 7, data.Now);
        data.Sent().Should().ContainSingle().Which.Should().BeOfType<MqttSubscribePacket>();
        data.Say(new MqttSubAckPacket(MqttPacketType.SubAck, 1, [1]));
        data.OnlyEvent().Should().Match<MqttEvent>(e =>
            e.Kind == MqttEventKind.SubscribeCompleted && e.Token == token);

        data.SayPublish("t", packetId: 9, qos: 1);

        data.OnlyEvent().Message!.Topic.Should().Be("t");
        control.Session.Acknowledge(9, 0, control.Now).Should().BeFalse();
        data.Session.Acknowledge(9, 0, data.Now).Should().BeTrue();
        data.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubAck, 9));
        control.Sent().Should().BeEmpty();
    }

    [Theory]
    [InlineData("100D00044D5154540502000A000000", "Connect")]
    [InlineData("2003000000", "ConnAck")]
    [InlineData("8207000100" + "000161" + "00", "Subscribe")]
    [InlineData("A206000100" + "000161", "Unsubscribe")]
    [InlineData("C000", "PingReq")]
    [InlineData("D000", "PingResp")]
    [InlineData("E000", "Disconnect")]
    [InlineData("F000", "Auth")]
    public void Packet_that_is_not_for_a_data_stream_ends_the_stream_alone(string hex, string type)
    {
        var control = ScriptedServer.Connected();
        var data = control.OpenDataStream();

        data.SayHex(hex);

        CheckFailed(data, MqttDisconnectReasonCode.ProtocolError, type);
        control.Session.State.Should().Be(MqttSessionState.Connected);
        control.Sent().Should().BeEmpty();
    }

    [Fact]
    public void Answer_to_a_packet_of_another_stream_ends_the_stream()
    {
        var control = ScriptedServer.Connected();
        var data = control.OpenDataStream();
        control.Publish("t", qos: 1);
        control.Sent();

        data.Say(new MqttAckPacket(MqttPacketType.PubAck, 1));

        CheckFailed(data, MqttDisconnectReasonCode.ProtocolError, "awaits none");
        control.Say(new MqttAckPacket(MqttPacketType.PubAck, 1));
        control.OnlyEvent().PublishResult!.IsSuccess.Should().BeTrue();
    }

    [Fact]
    public void Bytes_that_are_no_packet_end_the_stream_and_drop_its_output()
    {
        var data = ScriptedServer.Connected().OpenDataStream();
        data.Publish("t");
        data.Events();

        data.SayHex("30FFFFFFFF7F");

        CheckFailed(data, MqttDisconnectReasonCode.MalformedPacket, " ");
    }

    [Fact]
    public void Server_Receive_Maximum_holds_for_all_streams_together()
    {
        var control = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 2));
        var (first, second) = (control.OpenDataStream(), control.OpenDataStream());
        control.Publish("a", qos: 1);
        first.Publish("b", qos: 1);
        second.Publish("c", qos: 1);
        second.Publish("c", qos: 0);
        control.Sent().Should().HaveCount(1);
        first.Sent().Should().HaveCount(1);
        second.Sent().Should().ContainSingle().Which.As<MqttPublishPacket>().QoS
            .Should().Be(MqttQualityOfServiceLevel.AtMostOnce);

        first.Say(new MqttAckPacket(MqttPacketType.PubAck, 1));

        second.Sent().Should().ContainSingle().Which.As<MqttPublishPacket>().Message.Topic.Should().Be("c");
        second.Session.WaitingCount.Should().Be(0);
    }

    [Fact]
    public void Streams_take_turns_with_what_the_Receive_Maximum_allows()
    {
        var control = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 1));
        var streams = new[] { control, control.OpenDataStream(), control.OpenDataStream() };
        foreach (var stream in streams)
        {
            stream.Publish("t", qos: 1);
            stream.Publish("t", qos: 1);
        }

        var order = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            var at = Array.FindIndex(streams, s => s.Session.OutputBytes > 0);
            order.Add(at);
            var id = ((MqttPublishPacket)streams[at].Sent().Single()).PacketId;
            streams[at].Say(new MqttAckPacket(MqttPacketType.PubAck, id));
        }

        order.Should().Equal(0, 1, 2, 0, 1, 2);
    }

    [Fact]
    public void Stream_that_ends_gives_its_share_of_the_Receive_Maximum_back_and_its_publishes_out()
    {
        var control = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 1));
        var data = control.OpenDataStream();
        var token = data.Publish("a", qos: 1);
        var subscribe = data.Session.Subscribe(["t"], null, data.Now);
        control.Publish("b", qos: 1);
        control.Sent().Should().BeEmpty();

        data.Session.OnTransportClosed("reset");

        control.Sent().Should().ContainSingle().Which.As<MqttPublishPacket>().Message.Topic.Should().Be("b");
        data.Events().Select(e => (e.Kind, e.Token)).Should().Equal(
            (MqttEventKind.SubscribeCompleted, subscribe), (MqttEventKind.Failed, 0));
        data.Session.TakeInflight().Publishes.Should().ContainSingle().Which.Token.Should().Be(token);
    }

    [Fact]
    public void Control_stream_that_ends_ends_the_data_streams()
    {
        var control = ScriptedServer.Connected();
        var streams = new[] { control.OpenDataStream(), control.OpenDataStream() };
        streams[1].Publish("t", qos: 1);

        control.Say(new MqttDisconnectPacket(MqttPacketType.Disconnect, 0x8b));

        foreach (var stream in streams)
        {
            stream.OnlyEvent().End!.Cause.Should().Be(MqttSessionEndCause.TransportClosed);
            stream.Sent().Should().BeEmpty();
            stream.Session.State.Should().Be(MqttSessionState.Closed);
        }
        streams[1].Session.TakeInflight().Publishes.Should().HaveCount(1);
    }

    [Fact]
    public void Keep_alive_is_the_control_streams_whatever_the_data_streams_carry()
    {
        var control = ScriptedServer.Connected();
        var data = control.OpenDataStream();

        for (var i = 0; i < 15; i++)
        {
            control.Advance(TimeSpan.FromSeconds(1));
            data.Now = control.Now;
            data.Publish("t");
            data.SayPublish("t");
        }

        data.Session.NextTimeout.Should().BeNull();
        control.Sent().Should().ContainSingle().Which.Should().Be(MqttPacketType.PingReq);
    }

    [Fact]
    public void Our_Receive_Maximum_holds_for_each_stream()
    {
        var control = ScriptedServer.Connected(options: new MqttSessionOptions { ReceiveMaximum = 1 });
        var data = control.OpenDataStream();
        control.SayPublish("t", packetId: 1, qos: 1);
        data.SayPublish("t", packetId: 1, qos: 1);
        data.Events().Should().ContainSingle().Which.Kind.Should().Be(MqttEventKind.MessageReceived);

        data.SayPublish("t", packetId: 2, qos: 1);

        CheckFailed(data, MqttDisconnectReasonCode.ReceiveMaximumExceeded, "MQTT-3.3.4-9");
        control.Session.State.Should().Be(MqttSessionState.Connected);
    }

    [Fact]
    public void Topic_aliases_are_not_given_on_a_data_stream()
    {
        var data = ScriptedServer.Connected(p => p.Add(MqttPropertyId.TopicAliasMaximum, 5)).OpenDataStream();

        data.Publish("a/long/enough/topic");

        data.Sent().Should().ContainSingle().Which.As<MqttPublishPacket>().TopicAlias.Should().Be(0);
    }

    [Fact]
    public void Topic_aliases_of_the_server_are_the_streams_own()
    {
        var control = ScriptedServer.Connected(options: new MqttSessionOptions { TopicAliasMaximum = 2 });
        var (first, second) = (control.OpenDataStream(), control.OpenDataStream());
        first.SayPublish("t", alias: 1);
        first.SayPublish("", alias: 1);
        first.Events().Select(e => e.Message!.Topic).Should().Equal("t", "t");

        second.SayPublish("", alias: 1);

        CheckFailed(second, MqttDisconnectReasonCode.ProtocolError, "alias 1");
    }

    [Fact]
    public void Disconnect_of_a_data_stream_writes_nothing_and_leaves_what_is_written()
    {
        var data = ScriptedServer.Connected().OpenDataStream();
        data.Publish("t");

        data.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, data.Now);

        data.Sent().Should().ContainSingle().Which.Should().BeOfType<MqttPublishPacket>();
        data.Events()[^1].End!.Cause.Should().Be(MqttSessionEndCause.DisconnectedByClient);
    }

    [Fact]
    public void Data_stream_does_not_authenticate()
    {
        var control = ScriptedServer.Connected(
            p => p.Add(MqttPropertyId.AuthenticationMethod, "m"),
            new MqttSessionOptions { AuthenticationMethod = "m" });
        var data = control.OpenDataStream();

        data.Session.ReAuthenticate(null, data.Now).Should().BeFalse();
        data.Session.ContinueAuthentication(null, data.Now).Should().BeFalse();

        data.Sent().Should().BeEmpty();
    }

    [Fact]
    public void Only_a_connected_control_stream_opens_data_streams()
    {
        var early = () => new ScriptedServer().OpenDataStream();
        var nested = () => ScriptedServer.Connected().OpenDataStream().OpenDataStream();

        early.Should().Throw<InvalidOperationException>().WithMessage("*Idle*Connected*");
        nested.Should().Throw<InvalidOperationException>().WithMessage("*control stream*");
    }

    [Fact]
    public void Data_stream_that_is_not_used_is_small()
    {
        var control = ScriptedServer.Connected();
        control.Session.OpenDataStream();
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 16; i++)
        {
            control.Session.OpenDataStream();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(16 * 8 * 1024);
    }

    private static void CheckFailed(ScriptedServer stream, MqttDisconnectReasonCode code, string reasonPart)
    {
        var end = stream.Events()[^1];
        end.Kind.Should().Be(MqttEventKind.Failed);
        end.End!.ReasonCode.Should().Be(code);
        end.End.Reason.Should().Contain(reasonPart);
        stream.Session.OutputBytes.Should().Be(0);
        stream.Session.State.Should().Be(MqttSessionState.Closed);
        stream.Session.NextTimeout.Should().BeNull();
    }
}
