using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Logging;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Tests.Support;

namespace MqttScion.Tests;

/// <summary>What client and server tell each other beside messages: will, AUTH, aliases, references, limits, ends.
/// </summary>
public sealed class ServerDialogueTests : ScriptedBrokerTests
{
    [Fact]
    public async Task CONNECT_carries_will_delay_user_properties_and_topic_alias_maximum()
    {
        await using var client = Client(o =>
        {
            o.Will = Messages.Of("gone", "c", qos: 1);
            o.WillDelayInterval = TimeSpan.FromSeconds(30);
            o.UserProperties.Add(new MqttUserProperty("site", "7"));
        });

        using var connection = await ConnectAsync(client);

        connection.Connect.Will!.Topic.Should().Be("gone");
        connection.Connect.WillDelaySeconds.Should().Be(30);
        connection.Connect.Properties!.UserProperties.Should().Equal(new MqttUserProperty("site", "7"));
        connection.Connect.Properties.Number(MqttPropertyId.TopicAliasMaximum).Should().Be(32);
    }

    [Fact]
    public async Task Repeated_topic_gets_an_alias_when_the_server_allows_it()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client, p => p.Add(MqttPropertyId.TopicAliasMaximum, 10));

        await client.PublishAsync(Messages.Of("plant/line/sensor", "1"));
        await client.PublishAsync(Messages.Of("plant/line/sensor", "2"));

        (await connection.ReadAsync<MqttPublishPacket>()).Should().Match<MqttPublishPacket>(
            p => p.Message.Topic == "plant/line/sensor" && p.TopicAlias == 1);
        (await connection.ReadAsync<MqttPublishPacket>()).Should().Match<MqttPublishPacket>(
            p => p.Message.Topic == "" && p.TopicAlias == 1);
    }

    [Fact]
    public async Task AUTH_exchange_runs_through_the_handler_before_the_client_is_connected()
    {
        var handler = new Handler();
        await using var client = Client(o => o.Authenticator = handler);
        var connecting = client.ConnectAsync();
        using var connection = await Broker.AcceptAsync();
        var connect = await connection.ReadAsync<MqttConnectPacket>();
        connect.Properties!.Text(MqttPropertyId.AuthenticationMethod).Should().Be("PROOF");
        Text(connect.Properties).Should().Be("first");

        await connection.SendAsync(Auth(0x18, "challenge"));
        Text((await connection.ReadAsync<MqttDisconnectPacket>()).Properties!).Should().Be("answer to challenge");
        await connection.SendAsync(new MqttConnAckPacket(false, 0, AuthProperties("server proof")));

        (await connecting.WaitAsync(Patience)).ResultCode.Should().Be(MqttClientConnectResultCode.Success);
        handler.Proofs.Should().Equal("server proof");
    }

    [Fact]
    public async Task ReAuthenticateAsync_completes_when_the_server_accepts()
    {
        var handler = new Handler();
        await using var client = Client(o => o.Authenticator = handler);
        var connecting = client.ConnectAsync();
        using var connection = await Broker.AcceptAsync(
            isSessionPresent: false, p => Fill(p, "server proof"));
        await connecting.WaitAsync(Patience);

        var authenticating = client.ReAuthenticateAsync();
        (await connection.ReadAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(0x19);
        await connection.SendAsync(Auth(0x00, "new proof"));

        await authenticating.WaitAsync(Patience);
        handler.Proofs.Should().Equal("server proof", "new proof");
    }

    [Fact]
    public async Task Handler_that_refuses_the_servers_proof_ends_the_client()
    {
        await using var client = Client(o => o.Authenticator = new Handler { RefusedProof = "forged" });
        var connecting = client.ConnectAsync();
        using var connection = await Broker.AcceptAsync(isSessionPresent: false, p => Fill(p, "forged"));

        var error = (await FluentActions.Awaiting(() => connecting.WaitAsync(Patience))
            .Should().ThrowAsync<MqttAuthenticationException>()).Which;

        error.InnerException.Should().BeOfType<AuthenticationException>();
        (await connection.ReadAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(0x87);
    }

    [Theory]
    [InlineData(MqttClientConnectResultCode.UseAnotherServer)]
    [InlineData(MqttClientConnectResultCode.ServerMoved)]
    public async Task Refusal_that_names_another_server_is_followed(MqttClientConnectResultCode code)
    {
        using var otherBroker = new ScriptedBroker();
        await using var otherProxy = World.StartProxy(otherBroker.Address);
        await using var client = Client();
        var connecting = client.ConnectAsync();
        using var refusing = await Broker.AcceptAsync();
        await refusing.ReadAsync<MqttConnectPacket>();
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.ServerReference, otherProxy.LocalEndPoint.ToString());

        await refusing.SendAsync(new MqttConnAckPacket(false, code, properties));

        using var other = await otherBroker.AcceptAsync(isSessionPresent: false);
        (await connecting.WaitAsync(Patience)).ResultCode.Should().Be(MqttClientConnectResultCode.Success);
    }

    [Theory]
    [InlineData(MqttClientConnectResultCode.BadUserNameOrPassword)]
    [InlineData(MqttClientConnectResultCode.NotAuthorized)]
    [InlineData(MqttClientConnectResultCode.BadAuthenticationMethod)]
    [InlineData(MqttClientConnectResultCode.ClientIdentifierNotValid)]
    [InlineData(MqttClientConnectResultCode.Banned)]
    public async Task Refused_credential_stops_the_reconnecting_when_it_is_to(MqttClientConnectResultCode code)
    {
        await using var client = Client(o => o.OnRefusal = RefusalAction.Stop);
        var first = await ConnectAsync(client);
        var states = client.ConnectionStates.Collect();

        first.Dispose();
        using var second = await Broker.AcceptAsync();
        await second.ReadAsync<MqttConnectPacket>();
        await second.SendAsync(new MqttConnAckPacket(false, code));

        var end = await states.NextAsync<ConnectionState, ConnectionState.Disconnected>();
        end.Reason.Should().BeOfType<MqttConnectRefusedException>().Which.Result.ResultCode.Should().Be(code);
        await FluentActions.Awaiting(() => client.PublishAsync(Messages.Of("t")).AsTask())
            .Should().ThrowAsync<MqttNotConnectedException>();
    }

    [Fact]
    public async Task Refused_password_is_tried_again_and_read_anew()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "old\n");
            await using var client = Client(o => (o.UserName, o.PasswordFile) = ("meter", file));
            var first = await ConnectAsync(client);
            first.Connect.Password.Should().Equal("old"u8.ToArray());
            var states = client.ConnectionStates.Collect();

            await File.WriteAllTextAsync(file, "new\n");
            first.Dispose();
            using var second = await Broker.AcceptAsync();
            (await second.ReadAsync<MqttConnectPacket>()).Password.Should().Equal("new"u8.ToArray());
            await second.SendAsync(new MqttConnAckPacket(false, MqttClientConnectResultCode.NotAuthorized));

            using var third = await Broker.AcceptAsync(isSessionPresent: true);
            await states.NextAsync<ConnectionState, ConnectionState.Connected>();
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task IsConnected_is_true_between_connect_and_disconnect()
    {
        await using var client = Client();
        client.IsConnected.Should().BeFalse();

        using var connection = await ConnectAsync(client);
        client.IsConnected.Should().BeTrue();

        await client.DisconnectAsync().WaitAsync(Patience);
        client.IsConnected.Should().BeFalse();
    }

    [Fact]
    public async Task Debug_log_tells_how_a_connection_came_and_went()
    {
        using var loggers = new ListLoggers();
        await using var client = new ScionMqttClient(World.ClientOptions("c"), loggers);
        using var messages = client.Messages("replies").Subscribe(_ => { });
        using var connection = await ConnectAsync(client);
        await connection.GrantAsync();
        await client.DisconnectAsync().WaitAsync(Patience);

        var lines = loggers.At(LogLevel.Debug);
        lines.Should().ContainMatch("Connecting to *")
            .And.ContainMatch("* accepted the CONNECT * ms after the first packet, the handshake took * ms. "
                + "Session: new; client identifier 'c'.")
            .And.ContainMatch("The connection to * is over after * s: in order.");
    }

    [Fact]
    public async Task DISCONNECT_that_revokes_the_credential_stops_the_reconnecting_when_it_is_to()
    {
        await using var client = Client(o => o.OnRefusal = RefusalAction.Stop);
        using var connection = await ConnectAsync(client);
        var states = client.ConnectionStates.Collect();

        await connection.SendAsync(new MqttDisconnectPacket(MqttPacketType.Disconnect, 0x87));

        var end = await states.NextAsync<ConnectionState, ConnectionState.Disconnected>();
        end.Reason.Should().BeOfType<MqttSessionEndedException>()
            .Which.ReasonCode.Should().Be(MqttDisconnectReasonCode.NotAuthorized);
    }

    [Fact]
    public async Task Publish_above_the_limits_of_the_server_fails_at_the_call_and_names_the_rule()
    {
        await using var client = Client();
        using var connection = await ConnectAsync(client, p =>
        {
            p.Add(MqttPropertyId.MaximumQoS, 1);
            p.Add(MqttPropertyId.RetainAvailable, 0);
            p.Add(MqttPropertyId.MaximumPacketSize, 100u);
        });

        await Refused(Messages.Of("t", qos: 2), "*MQTT-3.2.2-11*QoS 1*");
        await Refused(new MqttApplicationMessage { Topic = "t", Retain = true }, "*MQTT-3.2.2-14*");
        await Refused(Messages.Of("t", new string('x', 200)), "*MQTT-3.2.2-15*100*");
        await Refused(new MqttApplicationMessage { Topic = "t", ResponseTopic = "a/#" }, "*MQTT-3.3.2-14*");
        await Refused(new MqttApplicationMessage { Topic = "t", ContentType = "\0" }, "*MQTT-1.5.4-1*");
        await Refused(
            new MqttApplicationMessage { Topic = "t", QualityOfServiceLevel = (MqttQualityOfServiceLevel)3 },
            "*MQTT-3.3.1-4*");
        await client.PublishAsync(Messages.Of("fine")).AsTask().WaitAsync(Patience);
        (await connection.ReadAsync<MqttPublishPacket>()).Message.Topic.Should().Be("fine");

        async Task Refused(MqttApplicationMessage message, string text) =>
            await FluentActions.Awaiting(() => client.PublishAsync(message).AsTask())
                .Should().ThrowAsync<ArgumentException>().WithMessage(text);
    }

    private static string Text(MqttProperties properties) =>
        Encoding.UTF8.GetString(properties.Binary(MqttPropertyId.AuthenticationData)!);

    private static void Fill(MqttProperties properties, string data)
    {
        properties.Add(MqttPropertyId.AuthenticationMethod, "PROOF");
        properties.Add(MqttPropertyId.AuthenticationData, Encoding.UTF8.GetBytes(data));
    }

    private static MqttProperties AuthProperties(string data)
    {
        var properties = new MqttProperties();
        Fill(properties, data);
        return properties;
    }

    private static MqttDisconnectPacket Auth(byte code, string data) =>
        new(MqttPacketType.Auth, code, AuthProperties(data));

    private sealed class Handler : IMqttAuthenticator
    {
        public string Method => "PROOF";

        public string? RefusedProof { get; init; }

        public List<string> Proofs { get; } = [];

        public ValueTask<byte[]?> BeginAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<byte[]?>("first"u8.ToArray());

        public ValueTask<byte[]?> ContinueAsync(MqttAuthentication challenge, CancellationToken cancellationToken) =>
            ValueTask.FromResult<byte[]?>([.. "answer to "u8, .. challenge.Data!]);

        public ValueTask CompleteAsync(byte[]? data, CancellationToken cancellationToken)
        {
            var proof = Encoding.UTF8.GetString(data!);
            Proofs.Add(proof);
            return proof == RefusedProof
                ? throw new AuthenticationException("The server does not know the secret.")
                : ValueTask.CompletedTask;
        }
    }
}
