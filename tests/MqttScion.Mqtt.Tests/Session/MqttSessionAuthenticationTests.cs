namespace MqttScion.Mqtt.Tests;

public class MqttSessionAuthenticationTests
{
    private const string Method = "SCRAM-SHA-256";

    [Fact]
    public void Exchange_of_two_steps_connects()
    {
        var server = Connecting();
        server.Say(Auth(0x18, [10]));
        server.OnlyEvent().Authentication!.Data.Should().Equal(10);
        server.Session.ContinueAuthentication([11], server.Now).Should().BeTrue();
        server.Session.ContinueAuthentication([11], server.Now).Should().BeFalse("it was answered");
        SentAuth(server).Should().Be((0x18, 11));
        server.Say(Auth(0x18, [12]));
        server.Events();
        server.Session.ContinueAuthentication([13], server.Now).Should().BeTrue();
        SentAuth(server).Should().Be((0x18, 13));

        server.Say(new MqttConnAckPacket(false, 0, Auth(0, [14]).Properties));

        var result = server.OnlyEvent().ConnectResult!;
        result.AuthenticationMethod.Should().Be(Method);
        result.AuthenticationData.Should().Equal(14);
        server.Session.State.Should().Be(MqttSessionState.Connected);
    }

    [Fact]
    public void Connect_carries_method_and_first_data()
    {
        var server = new ScriptedServer(Options());
        server.Session.Connect(server.Now);

        var properties = ((MqttConnectPacket)server.Sent().Single()).Properties!;

        properties.Text(MqttPropertyId.AuthenticationMethod).Should().Be(Method);
        properties.Binary(MqttPropertyId.AuthenticationData).Should().Equal(9);
    }

    [Fact]
    public void Server_that_accepts_without_waiting_for_the_answer_is_refused()
    {
        var server = Connecting();
        server.Say(Auth(0x18, [10]));

        server.Say(new MqttConnAckPacket(false, 0, Auth(0, null).Properties));

        server.CheckFailed(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "not answered");
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x19)]
    public void Auth_that_a_server_may_not_send_while_connecting_is_refused(byte code)
    {
        var server = Connecting();
        server.Say(Auth(code, null));
        server.CheckFailed(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "out of turn");
    }

    [Fact]
    public void Second_challenge_before_the_answer_is_refused()
    {
        var server = Connecting();
        server.Say(Auth(0x18, null));
        server.Say(Auth(0x18, null));
        server.CheckFailed(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "out of turn");
    }

    [Fact]
    public void Refused_credential_is_told()
    {
        var server = Connecting();
        server.Say(new MqttConnAckPacket(false, MqttClientConnectResultCode.BadAuthenticationMethod));
        server.OnlyEvent().ConnectResult!.ResultCode
            .Should().Be(MqttClientConnectResultCode.BadAuthenticationMethod);
    }

    [Fact]
    public void Exchange_that_stops_while_connecting_times_out()
    {
        var server = Connecting();
        server.Say(Auth(0x18, null));
        server.Advance(TimeSpan.FromSeconds(10));
        server.CheckFailed(
            MqttSessionEndCause.ConnectTimeout, MqttDisconnectReasonCode.UnspecifiedError, "No CONNACK");
    }

    [Fact]
    public void Reauthentication_goes_on_beside_messages()
    {
        var server = Connected();
        server.Session.ReAuthenticate([1], server.Now).Should().BeTrue();
        server.Session.ReAuthenticate([1], server.Now).Should().BeFalse("one is under way");
        SentAuth(server).Should().Be((0x19, 1));
        server.Publish("t");
        server.Sent().Should().ContainSingle();
        server.Say(Auth(0x18, [2]));
        server.Events()[^1].Authentication!.Data.Should().Equal(2);
        server.Session.ContinueAuthentication([3], server.Now).Should().BeTrue();
        SentAuth(server).Should().Be((0x18, 3));

        server.Say(Auth(0, [4]));

        var e = server.OnlyEvent();
        e.Kind.Should().Be(MqttEventKind.ReAuthenticated);
        e.Authentication!.Data.Should().Equal(4);
        server.Session.ReAuthenticate(null, server.Now).Should().BeTrue("the other is over");
    }

    [Fact]
    public void Auth_that_answers_nothing_is_refused()
    {
        var server = Connected();
        server.Say(Auth(0x18, null));
        server.CheckFailed(MqttSessionEndCause.ProtocolError, MqttDisconnectReasonCode.ProtocolError, "out of turn");
    }

    [Fact]
    public void Challenge_is_not_a_timeout_of_the_server()
    {
        var server = Connected();
        server.Session.ReAuthenticate(null, server.Now);
        server.Say(Auth(0x18, null));
        server.Advance(TimeSpan.FromSeconds(12));
        server.Session.State.Should().Be(MqttSessionState.Connected, "the owner may take its time");
    }

    [Fact]
    public void Data_that_the_server_does_not_take_is_refused_at_the_call()
    {
        var server = Connected(p => p.Add(MqttPropertyId.MaximumPacketSize, 100));
        FluentActions.Invoking(() => server.Session.ReAuthenticate(new byte[100], server.Now))
            .Should().Throw<ArgumentException>().WithMessage("[MQTT-3.2.2-15]*");
        server.Session.ReAuthenticate(new byte[10], server.Now).Should().BeTrue();
    }

    [Fact]
    public void Options_with_data_but_no_method_are_refused() =>
        FluentActions.Invoking(() => new MqttSession(new MqttSessionOptions { AuthenticationData = [1] }))
            .Should().Throw<ArgumentException>();

    private static MqttSessionOptions Options() => new()
    {
        ClientId = "c",
        AuthenticationMethod = Method,
        AuthenticationData = [9],
    };

    private static ScriptedServer Connecting()
    {
        var server = new ScriptedServer(Options());
        server.Session.Connect(server.Now);
        server.Sent();
        return server;
    }

    private static ScriptedServer Connected(Action<MqttProperties>? connAck = null)
    {
        var server = Connecting();
        var properties = Auth(0, null).Properties!;
        connAck?.Invoke(properties);
        server.Say(new MqttConnAckPacket(false, 0, properties));
        server.OnlyEvent().Kind.Should().Be(MqttEventKind.Connected);
        return server;
    }

    private static MqttDisconnectPacket Auth(byte code, byte[]? data)
    {
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.AuthenticationMethod, Method);
        properties.Add(MqttPropertyId.AuthenticationData, data);
        return new MqttDisconnectPacket(MqttPacketType.Auth, code, properties);
    }

    private static (int Code, int Data) SentAuth(ScriptedServer server)
    {
        var packet = (MqttDisconnectPacket)server.Sent().Single();
        packet.Type.Should().Be(MqttPacketType.Auth);
        packet.Properties!.Text(MqttPropertyId.AuthenticationMethod).Should().Be(Method);
        return (packet.ReasonCode, packet.Properties.Binary(MqttPropertyId.AuthenticationData)!.Single());
    }
}
