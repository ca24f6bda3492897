namespace MqttScion.Mqtt.Tests;

public class MqttSessionSubscribeTests
{
    [Fact]
    public void Subscribe_completes_with_an_item_per_filter()
    {
        var server = ScriptedServer.Connected();
        var rich = new MqttTopicFilter { Topic = "b/#", NoLocal = true, RetainAsPublished = true };

        var token = server.Session.Subscribe(["a", rich], 77, server.Now);

        var packet = (MqttSubscribePacket)server.Sent().Single();
        packet.Filters.Should().Equal("a", rich);
        packet.Properties!.SubscriptionIdentifiers.Should().Equal(77);
        server.Say(new MqttSubAckPacket(MqttPacketType.SubAck, packet.PacketId, [1, 0x87]));
        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.SubscribeCompleted);
        e.Token.Should().Be(token);
        e.SubscribeResult!.IsSuccess.Should().BeFalse();
        e.SubscribeResult.Items.Should().Equal(
            new MqttClientSubscribeResultItem("a", MqttClientSubscribeResultCode.GrantedQoS1),
            new MqttClientSubscribeResultItem(rich, MqttClientSubscribeResultCode.NotAuthorized));
    }

    [Fact]
    public void Unsubscribe_completes_with_an_item_per_filter()
    {
        var server = ScriptedServer.Connected();

        var token = server.Session.Unsubscribe(["a", "b"], server.Now);

        var packet = (MqttUnsubscribePacket)server.Sent().Single();
        server.Say(new MqttSubAckPacket(MqttPacketType.UnsubAck, packet.PacketId, [0, 0x11]));
        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.UnsubscribeCompleted);
        e.Token.Should().Be(token);
        e.UnsubscribeResult!.IsSuccess.Should().BeTrue();
        e.UnsubscribeResult.Items[1].ResultCode.Should().Be(MqttClientUnsubscribeResultCode.NoSubscriptionExisted);
    }

    [Fact]
    public void Request_that_is_not_allowed_is_not_sent()
    {
        var server = ScriptedServer.Connected(p =>
        {
            p.Add(MqttPropertyId.WildcardSubscriptionAvailable, 0);
            p.Add(MqttPropertyId.SubscriptionIdentifierAvailable, 0);
            p.Add(MqttPropertyId.SharedSubscriptionAvailable, 0);
            p.Add(MqttPropertyId.MaximumPacketSize, 200);
        });
        (MqttTopicFilter Filter, uint? Identifier, MqttClientSubscribeResultCode Code)[] cases =
        [
            ("a/#", null, MqttClientSubscribeResultCode.WildcardSubscriptionsNotSupported),
            ("$share/g/a", null, MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported),
            (new() { Topic = "$share/g/a", NoLocal = true }, null,
                MqttClientSubscribeResultCode.ImplementationSpecificError),
            ("a", 5, MqttClientSubscribeResultCode.SubscriptionIdentifiersNotSupported),
            ("a", 0, MqttClientSubscribeResultCode.ImplementationSpecificError),
            ("a/#/b", null, MqttClientSubscribeResultCode.TopicFilterInvalid),
            (new string('a', 200), null, MqttClientSubscribeResultCode.ImplementationSpecificError),
        ];

        foreach (var (filter, identifier, code) in cases)
        {
            server.Session.Subscribe([filter], identifier, server.Now);
            var result = server.OnlyEvent().SubscribeResult!;
            result.IsLocal.Should().BeTrue();
            result.Items.Single().ResultCode.Should().Be(code);
        }
        server.Session.Subscribe([], null, server.Now);
        server.OnlyEvent().SubscribeResult!.ReasonString.Should().Contain("[MQTT-3.8.3-2]");
        server.Session.Unsubscribe([], server.Now);
        server.OnlyEvent().UnsubscribeResult!.ReasonString.Should().Contain("[MQTT-3.10.3-2]");
        server.Session.Unsubscribe(["a#"], server.Now);
        server.OnlyEvent().UnsubscribeResult!.ReasonString.Should().Contain("[MQTT-4.7.1-1]");
        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void SubAck_with_a_wrong_count_is_a_protocol_error_and_completes_the_request()
    {
        var server = ScriptedServer.Connected();
        var token = server.Session.Subscribe(["a", "b"], null, server.Now);
        server.Sent();

        server.Say(new MqttSubAckPacket(MqttPacketType.SubAck, 1, [0]));

        var events = server.Events();
        events[0].Token.Should().Be(token);
        events[0].SubscribeResult!.IsLocal.Should().BeTrue();
        events[0].SubscribeResult!.IsSuccess.Should().BeFalse();
        events[1].End!.Reason.Should().Contain("[MQTT-3.9.3-1]");
    }

    [Fact]
    public void Requests_that_the_server_did_not_answer_complete_when_the_session_ends()
    {
        var server = ScriptedServer.Connected();
        int[] tokens =
        [
            server.Session.Subscribe(["a"], null, server.Now),
            server.Session.Unsubscribe(["a"], server.Now),
        ];

        server.Session.OnTransportClosed("gone");

        var events = server.Events();
        events.Select(e => e.Kind).Should().Equal(
            MqttEventKind.SubscribeCompleted, MqttEventKind.UnsubscribeCompleted, MqttEventKind.Failed);
        events.Take(2).Select(e => e.Token).Should().Equal(tokens);
        events[0].SubscribeResult!.ReasonString.Should().Contain("TransportClosed").And.Contain("gone");
    }
}
