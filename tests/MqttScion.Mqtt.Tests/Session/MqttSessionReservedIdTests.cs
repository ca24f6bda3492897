namespace MqttScion.Mqtt.Tests;

/// <summary>Publishes whose packet identifier the owner chose, and what a store needs to send them once.</summary>
public class MqttSessionReservedIdTests
{
    private static readonly MqttSessionOptions _options = new()
    {
        CleanStart = false,
        HighestPacketId = 2,
        FirstPacketId = 2,
        ReportPublishProgress = true,
        HoldsReleases = true,
    };

    [Fact]
    public void Session_gives_out_its_own_identifiers_only()
    {
        var server = ScriptedServer.Connected(options: _options);

        server.Publish("a", qos: 1);
        Publish(server, "b", 3);
        server.Publish("c", qos: 1);
        server.Publish("d", qos: 1);

        server.Sent().Cast<MqttPublishPacket>().Select(p => (p.Message.Topic, (int)p.PacketId))
            .Should().Equal(("a", 2), ("b", 3), ("c", 1));
        server.SayHex("40020002");
        server.Sent().Cast<MqttPublishPacket>().Single().PacketId.Should().Be(2);
    }

    [Fact]
    public void PUBREL_waits_for_the_owner()
    {
        var server = ScriptedServer.Connected(options: _options);
        Publish(server, "a", 3);
        server.Sent();
        server.SayHex("50020003");
        server.SayHex("50020003");
        server.Sent().Should().BeEmpty();
        server.Events().Should().ContainSingle(e => e.Kind == MqttEventKind.PublishReleased);

        server.Session.Release(3, server.Now).Should().BeTrue();

        server.Sent().Should().Equal(new MqttAckPacket(MqttPacketType.PubRel, 3));
        server.Session.Release(3, server.Now).Should().BeFalse();
        server.SayHex("70020003");
        server.OnlyEvent().PublishResult!.IsSuccess.Should().BeTrue();
    }

    [Fact]
    public void PUBCOMP_before_the_PUBREL_breaks_the_protocol()
    {
        var server = ScriptedServer.Connected(options: _options);
        Publish(server, "a", 3);
        server.SayHex("50020003");
        server.Sent();

        server.SayHex("70020003");

        server.CheckFailed(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "PubComp");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Publish_that_may_have_been_sent_is_a_duplicate_only_if_the_server_kept_the_session(bool isPresent)
    {
        var server = ScriptedServer.Connected(options: _options, isSessionPresent: isPresent);

        server.Session.PublishReserved(
            ScriptedServer.Message("a", 2), server.Now, TimeSpan.Zero, packetId: 9, mayHaveBeenSent: true);

        ((MqttPublishPacket)server.Sent().Single()).Should().Match<MqttPublishPacket>(
            p => p.PacketId == 9 && p.Dup == isPresent);
    }

    [Fact]
    public void Publish_that_may_have_been_sent_does_not_expire()
    {
        var server = ScriptedServer.Connected(options: _options, isSessionPresent: true);
        var message = new MqttApplicationMessage
        {
            Topic = "a",
            QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            MessageExpiryInterval = 1,
        };

        server.Session.PublishReserved(message, server.Now, TimeSpan.FromHours(1), packetId: 9, mayHaveBeenSent: true);

        ((MqttPublishPacket)server.Sent().Single()).MessageExpiryInterval.Should().Be(1);
    }

    [Fact]
    public void Reserved_identifier_is_kept_when_the_server_lost_the_session()
    {
        var first = ScriptedServer.Connected(options: _options);
        Publish(first, "a", 3);
        first.Session.OnTransportClosed("cut");

        var second = ScriptedServer.Connected(options: _options with { Inflight = first.Session.TakeInflight() });

        ((MqttPublishPacket)second.Sent().Single()).Should().Match<MqttPublishPacket>(p => p.PacketId == 3 && !p.Dup);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Identifier_of_the_session_or_in_use_is_refused(int packetId)
    {
        var server = ScriptedServer.Connected(options: _options);
        Publish(server, "a", 3);

        FluentActions.Invoking(() => Publish(server, "b", packetId)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Message_is_unanswered_until_its_turn_to_be_answered_has_come()
    {
        var server = ScriptedServer.Connected(options: _options);
        server.SayPublish("a", packetId: 1, qos: 1);
        server.SayPublish("b", packetId: 2, qos: 2);

        server.Session.Acknowledge(2, MqttClientPublishReasonCode.Success, server.Now);
        server.Session.IsUnanswered(2).Should().BeTrue(); // PUBREC of 2 waits for the PUBACK of 1.
        server.Session.Acknowledge(1, MqttClientPublishReasonCode.Success, server.Now);

        server.Session.IsUnanswered(2).Should().BeFalse();
    }

    [Fact]
    public void Message_that_waits_for_PUBREL_only_does_not_stop_the_owner_from_reading()
    {
        var server = ScriptedServer.Connected(
            options: _options with { ReceiveMaximum = 1, ReceiveMaximumTolerance = ushort.MaxValue });
        server.SayPublish("a", packetId: 1, qos: 2);
        server.SayPublish("b", packetId: 2, qos: 2);
        server.Session.IsOverReceiveMaximum.Should().BeTrue();

        server.Session.Acknowledge(1, MqttClientPublishReasonCode.Success, server.Now);
        server.Session.Acknowledge(2, MqttClientPublishReasonCode.Success, server.Now);

        server.Session.IsOverReceiveMaximum.Should().BeFalse();
        server.Session.UnacknowledgedCount.Should().Be(2);
    }

    [Fact]
    public void Stored_message_comes_back_as_it_was()
    {
        var message = new MqttApplicationMessage
        {
            Topic = "a/b",
            Payload = new byte[] { 1, 2, 3 },
            Retain = true,
            MessageExpiryInterval = 7,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
            ContentType = "x",
            ResponseTopic = "r",
            CorrelationData = [4],
            UserProperties = [new("k", "v")],
            PayloadFormatIndicator = MqttPayloadFormatIndicator.CharacterData,
        };

        MqttStoredMessage.TryRead(MqttStoredMessage.ToBytes(message), out var read).Should().BeTrue();

        read.Should().BeEquivalentTo(message, o => o.Excluding(m => m.Payload));
        read!.Payload.ToArray().Should().Equal(1, 2, 3);
        MqttStoredMessage.TryRead([0x30, 0x01], out _).Should().BeFalse();
    }

    private static int Publish(ScriptedServer server, string topic, int packetId) => server.Session.PublishReserved(
        ScriptedServer.Message(topic, 2), server.Now, TimeSpan.Zero, (ushort)packetId, mayHaveBeenSent: false);
}
