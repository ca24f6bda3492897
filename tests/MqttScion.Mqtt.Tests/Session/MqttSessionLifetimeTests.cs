namespace MqttScion.Mqtt.Tests;

/// <summary>Message expiry, what a store must know, and the session's end.</summary>
public class MqttSessionLifetimeTests
{
    [Fact]
    public void Publish_that_waited_says_what_is_left_of_its_lifetime()
    {
        var server = WithoutQuota();
        Publish(server, "late", seconds: 60);
        server.Advance(TimeSpan.FromSeconds(12.5));
        server.Sent();

        server.SayHex("40020001");

        ((MqttPublishPacket)server.Sent().Single()).MessageExpiryInterval.Should().Be(48);
    }

    [Fact]
    public void Publish_whose_lifetime_is_over_is_not_sent()
    {
        var server = WithoutQuota();
        var token = Publish(server, "gone", seconds: 5);
        Publish(server, "alive", seconds: 6);
        server.Advance(TimeSpan.FromSeconds(5));

        server.SayHex("40020001");

        ((MqttPublishPacket)server.Sent().Single()).Should().Match<MqttPublishPacket>(
            p => p.Message.Topic == "alive" && p.MessageExpiryInterval == 1);
        server.Events().Single(e => e.Token == token).PublishResult.Should().BeEquivalentTo(
            new { ReasonCode = MqttClientPublishReasonCode.MessageExpired, IsLocal = true, IsSuccess = false });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Age_counts_before_the_call(int qos)
    {
        var server = ScriptedServer.Connected();
        Publish(server, "a", seconds: 60, age: 59.5, qos);
        ((MqttPublishPacket)server.Sent().Single()).MessageExpiryInterval.Should().Be(1);
        server.Events();

        Publish(server, "b", seconds: 60, age: 60, qos);

        server.OnlyEvent().PublishResult!.ReasonCode.Should().Be(MqttClientPublishReasonCode.MessageExpired);
        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void Lifetime_goes_on_between_connections()
    {
        var first = WithoutQuota();
        Publish(first, "waits", seconds: 60);
        Publish(first, "dies", seconds: 10);
        first.Session.OnTransportClosed("cut");
        var second = new ScriptedServer(new() { CleanStart = false, Inflight = first.Session.TakeInflight() })
        {
            Now = first.Now + TimeSpan.FromSeconds(20),
        };
        second.Session.Connect(second.Now);
        second.Sent();

        second.Say(new MqttConnAckPacket(true, 0));

        second.Sent().Cast<MqttPublishPacket>().Select(p => (p.Message.Topic, p.MessageExpiryInterval))
            .Should().Equal(("t", null), ("waits", 40u));
        second.Events()[^1].PublishResult!.ReasonCode.Should().Be(MqttClientPublishReasonCode.MessageExpired);
    }

    [Fact]
    public void Progress_tells_a_store_enough_to_go_on_after_a_crash()
    {
        var first = ScriptedServer.Connected(options: new() { CleanStart = false, ReportPublishProgress = true });
        var a = first.Publish("a", qos: 1);
        var b = first.Publish("b", qos: 2);
        first.SayHex("50020002");
        var told = first.Events();
        told.Select(e => (e.Kind, e.Token, (int)e.PacketId)).Should().Equal(
            (MqttEventKind.PublishSent, a, 1), (MqttEventKind.PublishSent, b, 2),
            (MqttEventKind.PublishReleased, b, 2));

        var state = new MqttInflightState(
            [
                new MqttInflightPublish(a, ScriptedServer.Message("a", 1), 1, isReleased: false, TimeSpan.Zero),
                new MqttInflightPublish(b, ScriptedServer.Message("b", 2), 2, isReleased: true, TimeSpan.Zero),
                new MqttInflightPublish(9, ScriptedServer.Message("c", 1), 0, isReleased: false, TimeSpan.Zero),
            ],
            receivedExactlyOnce: [7]);
        var second = ScriptedServer.Connected(
            options: new() { CleanStart = false, Inflight = state }, isSessionPresent: true);

        var sent = second.Sent();
        sent[0].Should().Be(new MqttAckPacket(MqttPacketType.PubRel, 2));
        sent.Skip(1).Cast<MqttPublishPacket>().Select(p => (p.Message.Topic, p.Dup, (int)p.PacketId))
            .Should().Equal(("a", true, 1), ("c", false, 3));
        second.SayPublish("again", packetId: 7, qos: 2, dup: true);
        second.Events().Should().BeEmpty();
        second.Publish("t", qos: 1).Should().Be(10);
    }

    [Theory]
    [InlineData(true, MqttClientPublishReasonCode.Success)]
    [InlineData(false, MqttClientPublishReasonCode.PacketIdentifierNotFound)]
    public void Unknown_identifier_in_PUBCOMP_is_an_error_only_when_PUBREL_was_not_repeated(
        bool isRepeated, MqttClientPublishReasonCode expected)
    {
        var state = new MqttInflightState(
            [new MqttInflightPublish(1, ScriptedServer.Message("b", 2), 2, isRepeated, TimeSpan.Zero)], []);
        var server = ScriptedServer.Connected(
            options: new() { CleanStart = false, Inflight = state }, isSessionPresent: true);
        if (!isRepeated)
        {
            server.SayHex("50020002");
        }

        server.SayHex("7003000292");

        server.Events()[^1].PublishResult!.ReasonCode.Should().Be(expected);
    }

    [Fact]
    public void Restored_release_without_an_identifier_is_refused() =>
        FluentActions.Invoking(() => new MqttInflightPublish(
            1, ScriptedServer.Message("a", 2), packetId: 0, isReleased: true, TimeSpan.Zero))
            .Should().Throw<ArgumentException>();

    [Fact]
    public void Answer_to_a_publish_that_was_not_sent_again_is_a_protocol_error()
    {
        foreach (var answer in new[] { "40020002", "50020002" })
        {
            var first = ScriptedServer.Connected();
            first.Publish("a", qos: 1);
            first.Publish("b", qos: answer[0] - '3');
            first.Session.OnTransportClosed("cut");
            var second = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ReceiveMaximum, 1),
                new() { CleanStart = false, Inflight = first.Session.TakeInflight() }, isSessionPresent: true);

            second.SayHex(answer);

            second.CheckFailed(
                MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "awaits none");
            second.Session.TakeInflight().Publishes.Should().HaveCount(2);
        }
    }

    [Fact]
    public void Disconnect_can_change_how_long_the_session_is_kept()
    {
        var server = ScriptedServer.Connected(options: new() { SessionExpiryInterval = TimeSpan.FromHours(1) });
        server.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, server.Now, TimeSpan.Zero);
        ((MqttDisconnectPacket)server.Sent().Single()).Properties!
            .Number(MqttPropertyId.SessionExpiryInterval).Should().Be(0);

        var other = ScriptedServer.Connected();
        FluentActions.Invoking(() => other.Session.Disconnect(
                MqttDisconnectReasonCode.NormalDisconnection, other.Now, TimeSpan.FromSeconds(1)))
            .Should().Throw<ArgumentException>().WithMessage("§3.14.2.2.2*");
    }

    [Fact]
    public void Server_reference_of_a_DISCONNECT_is_told()
    {
        var server = ScriptedServer.Connected();
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ServerReference, "b.example:1883");
        properties.Add([new MqttUserProperty("k", "v")]);

        server.Say(new MqttDisconnectPacket(MqttPacketType.Disconnect, 0x9d, properties));

        var end = server.OnlyEvent().End!;
        end.ReasonCode.Should().Be(MqttDisconnectReasonCode.ServerMoved);
        end.ServerReference.Should().Be("b.example:1883");
        end.UserProperties.Should().Equal(new MqttUserProperty("k", "v"));
    }

    private static ScriptedServer WithoutQuota()
    {
        var server = ScriptedServer.Connected(
            p => p.Add(MqttPropertyId.ReceiveMaximum, 1), new() { KeepAlivePeriod = TimeSpan.Zero });
        server.Publish("t", qos: 1);
        server.Sent();
        return server;
    }

    private static int Publish(ScriptedServer server, string topic, uint seconds, double age = 0, int qos = 1) =>
        server.Session.Publish(
            new()
            {
                Topic = topic,
                MessageExpiryInterval = seconds,
                QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            }, server.Now, TimeSpan.FromSeconds(age));
}
