namespace MqttScion.Mqtt.Tests;

public class MqttSessionConnectTests
{
    [Fact]
    public void Connect_writes_the_options()
    {
        var server = new ScriptedServer(new MqttSessionOptions
        {
            ClientId = "meter-7",
            CleanStart = false,
            SessionExpiryInterval = TimeSpan.MaxValue,
            KeepAlivePeriod = TimeSpan.FromSeconds(2.5),
            UserName = "u",
            Password = [1],
            ReceiveMaximum = 3,
            MaximumPacketSize = 1000,
            Will = ScriptedServer.Message("gone", qos: 1),
            WillDelayInterval = TimeSpan.FromSeconds(4),
            RequestResponseInformation = true,
            UserProperties = [new("a", "b")],
        });

        server.Session.Connect(server.Now);

        var connect = (MqttConnectPacket)server.Sent().Single();
        connect.ClientId.Should().Be("meter-7");
        connect.CleanStart.Should().BeFalse();
        connect.KeepAliveSeconds.Should().Be(3);
        connect.UserName.Should().Be("u");
        connect.Password.Should().Equal(1);
        connect.Will!.Topic.Should().Be("gone");
        connect.Will.QualityOfServiceLevel.Should().Be(MqttQualityOfServiceLevel.AtLeastOnce);
        connect.WillDelaySeconds.Should().Be(4);
        connect.Properties!.Number(MqttPropertyId.SessionExpiryInterval).Should().Be(uint.MaxValue);
        connect.Properties.Number(MqttPropertyId.ReceiveMaximum).Should().Be(3);
        connect.Properties.Number(MqttPropertyId.MaximumPacketSize).Should().Be(1000);
        connect.Properties.Number(MqttPropertyId.RequestResponseInformation).Should().Be(1);
        connect.Properties.UserProperties.Should().Equal(new MqttUserProperty("a", "b"));
    }

    [Fact]
    public void ConnAck_byte_by_byte_connects_and_tells_the_capabilities()
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.AssignedClientIdentifier, "auto-1");
        properties.Add(MqttPropertyId.ReceiveMaximum, 5);
        properties.Add(MqttPropertyId.MaximumQoS, 1);
        properties.Add(MqttPropertyId.RetainAvailable, 0);
        properties.Add(MqttPropertyId.SharedSubscriptionAvailable, 0);
        properties.Add(MqttPropertyId.MaximumPacketSize, 100);

        foreach (var b in AnyPacket.Write(new MqttConnAckPacket(false, 0, properties)))
        {
            server.Session.State.Should().Be(MqttSessionState.Connecting);
            server.Session.Receive([b], server.Now);
        }

        server.Session.State.Should().Be(MqttSessionState.Connected);
        var result = server.OnlyEvent().ConnectResult!;
        result.Should().BeSameAs(server.Session.ConnectResult);
        result.AssignedClientIdentifier.Should().Be("auto-1");
        result.ReceiveMaximum.Should().Be(5);
        result.MaximumQoS.Should().Be(MqttQualityOfServiceLevel.AtLeastOnce);
        result.RetainAvailable.Should().BeFalse();
        result.SharedSubscriptionAvailable.Should().BeFalse();
        result.WildcardSubscriptionAvailable.Should().BeTrue();
        result.MaximumPacketSize.Should().Be(100);
    }

    [Fact]
    public void ConnAck_with_an_error_refuses()
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);
        server.Sent();
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ReasonString, "no");
        properties.Add(MqttPropertyId.ServerReference, "other:1");

        server.Say(new MqttConnAckPacket(false, MqttClientConnectResultCode.UseAnotherServer, properties));

        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.ConnectRefused);
        e.ConnectResult!.ResultCode.Should().Be(MqttClientConnectResultCode.UseAnotherServer);
        e.ConnectResult.ReasonString.Should().Be("no");
        server.Session.End!.Cause.Should().Be(MqttSessionEndCause.ConnectRefused);
        server.Session.End.ServerReference.Should().Be("other:1");
        server.Sent().Should().BeEmpty();
    }

    [Theory]
    [InlineData("20020001", "unacceptable protocol version")]
    [InlineData("20020002", "identifier rejected")]
    [InlineData("20020005", "not authorized")]
    public void ConnAck_of_an_earlier_version_says_that_the_broker_does_not_speak_MQTT_5(string hex, string meaning)
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);
        server.Sent();

        server.Session.Receive(Convert.FromHexString(hex), server.Now);

        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.ConnectRefused);
        e.ConnectResult!.ResultCode.Should().Be(MqttClientConnectResultCode.UnsupportedProtocolVersion);
        e.ConnectResult.ReasonString.Should().Contain("does not speak MQTT 5").And.Contain(meaning);
        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void Other_packet_before_ConnAck_is_a_protocol_error()
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);

        server.SayPublish("t");

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.2.0-1]");
    }

    [Fact]
    public void Second_ConnAck_is_a_protocol_error()
    {
        var server = ScriptedServer.Connected();

        server.Say(new MqttConnAckPacket(false, 0));

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.2.0-2]");
    }

    [Fact]
    public void Session_present_after_a_clean_start_is_a_protocol_error()
    {
        var server = new ScriptedServer();
        server.Session.Connect(server.Now);

        server.Say(new MqttConnAckPacket(true, 0));

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "[MQTT-3.2.2-2]");
    }

    [Fact]
    public void ConnAck_that_does_not_come_times_out()
    {
        var server = new ScriptedServer(new MqttSessionOptions { ConnectTimeout = TimeSpan.FromSeconds(7) });
        server.Session.Connect(server.Now);
        var started = server.Now;

        server.Session.NextTimeout.Should().Be(started + TimeSpan.FromSeconds(7));
        server.Advance(TimeSpan.FromSeconds(8));

        server.CheckFailed(
            MqttSessionEndCause.ConnectTimeout, MqttDisconnectReasonCode.UnspecifiedError, "within 7 s");
    }

    [Fact]
    public void Disconnect_is_written_and_ends_the_session()
    {
        var server = ScriptedServer.Connected();

        server.Session.Disconnect(MqttDisconnectReasonCode.DisconnectWithWillMessage, server.Now);
        server.Session.Disconnect(MqttDisconnectReasonCode.NormalDisconnection, server.Now);

        server.Sent().Should().Equal(new MqttDisconnectPacket(MqttPacketType.Disconnect, 4));
        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.Disconnected);
        e.End!.Cause.Should().Be(MqttSessionEndCause.DisconnectedByClient);
    }

    [Fact]
    public void Disconnect_of_the_server_is_told_with_its_reason()
    {
        var server = ScriptedServer.Connected();
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ReasonString, "taken");

        server.Say(new MqttDisconnectPacket(MqttPacketType.Disconnect, 0x8e, properties));

        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.Disconnected);
        e.End!.Cause.Should().Be(MqttSessionEndCause.DisconnectedByServer);
        e.End.ReasonCode.Should().Be(MqttDisconnectReasonCode.SessionTakenOver);
        e.End.Reason.Should().Be("taken");
        server.Sent().Should().BeEmpty();
    }

    [Fact]
    public void Bytes_and_calls_after_the_end_do_nothing()
    {
        var server = ScriptedServer.Connected();
        server.Session.OnTransportClosed("stream reset");
        server.OnlyEvent().End!.Cause.Should().Be(MqttSessionEndCause.TransportClosed);

        server.SayPublish("t");
        server.Session.OnTransportClosed("again");
        server.Session.OnTimeout(server.Now + TimeSpan.FromDays(1));

        server.Events().Should().BeEmpty();
        server.Sent().Should().BeEmpty();
        server.Publish("t");
        server.OnlyEvent().PublishResult!.IsSuccess.Should().BeFalse();
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        MqttSessionOptions[] bad =
        [
            new() { KeepAlivePeriod = TimeSpan.FromSeconds(65_536) },
            new() { ReceiveMaximum = 0 },
            new() { MaximumPacketSize = 1 },
            new() { ClientId = "a\0" },
            new() { ConnectTimeout = TimeSpan.Zero },
            new() { Will = ScriptedServer.Message("a/#") },
            new() { Password = new byte[65_536] },
            new() { UserProperties = [new("\ud800", "")] },
        ];
        foreach (var options in bad)
        {
            var make = () => new MqttSession(options);
            make.Should().Throw<ArgumentException>();
        }
    }

    [Theory]
    [InlineData("F00118")]
    [InlineData("F000")]
    [InlineData("C000")]
    [InlineData("8206000100000161")]
    public void Packet_that_a_server_must_not_send_is_a_protocol_error(string hex)
    {
        var server = ScriptedServer.Connected();

        server.SayHex(hex);

        server.CheckFailed(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "server");
    }

    [Fact]
    public void Malformed_packet_disconnects_with_its_code()
    {
        var server = ScriptedServer.Connected();

        server.SayHex("3604000161" + "00");

        server.CheckFailed(
            MqttSessionEndCause.MalformedPacket, MqttDisconnectReasonCode.MalformedPacket, "[MQTT-3.3.1-4]");
    }

    [Fact]
    public void Packet_above_our_limit_disconnects_before_it_is_there()
    {
        var server = ScriptedServer.Connected(options: new MqttSessionOptions { MaximumPacketSize = 100 });

        server.SayHex("30FFFFFF7F");

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.PacketTooLarge, "[MQTT-3.1.2-24]");
    }

    [Fact]
    public void Any_flipped_bit_of_a_server_stream_never_throws()
    {
        var stream = PacketSamples.All().SelectMany(AnyPacket.Write).Take(3000).ToArray();
        var connAck = AnyPacket.Write(new MqttConnAckPacket(false, 0));
        for (var bit = 0; bit < stream.Length * 8; bit += 5)
        {
            stream[bit / 8] ^= (byte)(1 << bit % 8);
            var session = new MqttSession(new MqttSessionOptions());
            session.Connect(TimeSpan.Zero);
            session.Receive(connAck, TimeSpan.Zero);
            session.Receive(stream.AsSpan(bit / 8 / 100 * 100), TimeSpan.Zero);
            stream[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }
}
