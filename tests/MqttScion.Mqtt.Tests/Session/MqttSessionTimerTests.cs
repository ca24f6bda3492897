namespace MqttScion.Mqtt.Tests;

public class MqttSessionTimerTests
{
    private static readonly MqttSessionOptions _options = new()
    {
        KeepAlivePeriod = TimeSpan.FromSeconds(10),
        PingResponseTimeout = TimeSpan.FromSeconds(4),
    };

    [Fact]
    public void Silence_makes_a_PingReq_and_the_answer_goes_on()
    {
        var server = ScriptedServer.Connected(options: _options);
        for (var i = 0; i < 5; i++)
        {
            server.Advance(TimeSpan.FromSeconds(10));
            server.Sent().Should().Equal(MqttPacketType.PingReq);
            server.Say(MqttPacketType.PingResp);
        }

        server.Session.State.Should().Be(MqttSessionState.Connected);
        server.Events().Should().BeEmpty();
    }

    [Fact]
    public void PingReq_without_an_answer_fails_in_bounded_time()
    {
        var server = ScriptedServer.Connected(options: _options);

        server.Advance(TimeSpan.FromSeconds(13.9));
        server.Session.State.Should().Be(MqttSessionState.Connected);
        server.Advance(TimeSpan.FromSeconds(0.1));

        server.CheckFailed(MqttSessionEndCause.PingTimeout, MqttDisconnectReasonCode.KeepAliveTimeout, "within 4 s");
    }

    [Fact]
    public void PingReq_of_an_owner_that_reads_again_after_an_acknowledgement_waits_anew()
    {
        var server = OverReceiveMaximum();
        server.Session.IsReadingPaused = true;

        server.Advance(TimeSpan.FromSeconds(13.9));
        server.Session.Acknowledge(1, MqttClientPublishReasonCode.Success, server.Now).Should().BeTrue();
        server.Session.IsReadingPaused = false;
        server.Advance(TimeSpan.FromSeconds(3.9));
        server.Session.State.Should().Be(MqttSessionState.Connected);
        server.Advance(TimeSpan.FromSeconds(0.1));

        server.Session.End!.Cause.Should().Be(MqttSessionEndCause.PingTimeout);
    }

    [Fact]
    public void PingReq_of_an_owner_that_does_not_read_ends_in_bounded_time_as_the_servers_fault()
    {
        var server = OverReceiveMaximum();
        server.Session.IsReadingPaused = true;

        server.Advance(TimeSpan.FromSeconds(13.9));
        server.Session.State.Should().Be(MqttSessionState.Connected);
        server.Advance(TimeSpan.FromSeconds(0.1));

        server.CheckFailed(
            MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ReceiveMaximumExceeded, "MQTT-3.3.4-9");
    }

    [Fact]
    public void PingReq_of_an_owner_that_reads_on_over_the_Receive_Maximum_has_its_deadline()
    {
        var server = OverReceiveMaximum();

        server.Advance(TimeSpan.FromSeconds(14));

        server.Session.End!.Cause.Should().Be(MqttSessionEndCause.PingTimeout);
    }

    private ScriptedServer OverReceiveMaximum()
    {
        var server = ScriptedServer.Connected(
            options: _options with { ReceiveMaximum = 1, ReceiveMaximumTolerance = 1 });
        server.SayPublish("t", packetId: 1, qos: 1);
        server.SayPublish("t", packetId: 2, qos: 1);
        server.Session.IsOverReceiveMaximum.Should().BeTrue();
        return server;
    }

    [Fact]
    public void Publisher_that_never_falls_silent_notices_a_dead_server()
    {
        var server = ScriptedServer.Connected(options: _options);

        for (var i = 0; i < 180; i++)
        {
            server.Publish("t");
            server.Advance(TimeSpan.FromSeconds(0.1));
            server.Sent();
        }

        server.Session.End!.Cause.Should().Be(MqttSessionEndCause.PingTimeout);
    }

    [Fact]
    public void Subscriber_that_gets_messages_still_sends_PingReq()
    {
        var server = ScriptedServer.Connected(options: _options);

        for (var i = 0; i < 150; i++)
        {
            server.SayPublish("t");
            server.Advance(TimeSpan.FromSeconds(0.1));
        }

        server.Session.State.Should().Be(MqttSessionState.Connected);
        server.Sent().Should().Equal(MqttPacketType.PingReq);
    }

    [Fact]
    public void PingReq_behind_a_long_upload_waits_while_the_upload_moves()
    {
        var server = ScriptedServer.Connected(options: _options);
        server.Publish("t", payload: new byte[100_000]);
        for (var i = 0; i < 30; i++)
        {
            server.Advance(TimeSpan.FromSeconds(1));
            server.Session.ConsumeOutput(1000);
        }
        server.Session.State.Should().Be(MqttSessionState.Connected);

        server.Advance(TimeSpan.FromSeconds(8));

        server.Session.End!.Cause.Should().Be(MqttSessionEndCause.PingTimeout);
    }

    [Fact]
    public void Server_that_asks_for_no_keep_alive_is_asked_for_a_sign_of_life_all_the_same()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ServerKeepAlive, 0));
        server.Advance(new MqttSessionOptions().KeepAlivePeriod);
        server.Sent().Should().Equal(MqttPacketType.PingReq);
    }

    [Fact]
    public void Server_keep_alive_wins()
    {
        var server = ScriptedServer.Connected(p => p.Add(MqttPropertyId.ServerKeepAlive, 3), _options);

        server.Session.NextTimeout.Should().Be(server.Now + TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Zero_keep_alive_sends_no_PingReq()
    {
        var server = ScriptedServer.Connected(options: _options with { KeepAlivePeriod = TimeSpan.Zero });

        server.Session.NextTimeout.Should().BeNull();
    }
}
