using System.Net.Sockets;
using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

public class PocketBrokerRefusalTests
{
    [Fact]
    public async Task Authorization_refuses_connections_subscriptions_and_messages()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            AuthorizeConnect = c => c.UserName == "good"
                ? MqttClientConnectResultCode.Success
                : MqttClientConnectResultCode.BadUserNameOrPassword,
            AuthorizeSubscribe = (_, filter) =>
                filter.Topic == "secret" ? MqttClientSubscribeResultCode.NotAuthorized : null,
            AuthorizePublish = (_, message) => message.Topic == "secret"
                ? MqttClientPublishReasonCode.NotAuthorized
                : MqttClientPublishReasonCode.Success,
        });
        using var bad = await RawMqttClient.OpenAsync(broker.EndPoint);
        await bad.SayAsync(new MqttConnectPacket { ClientId = "bad", UserName = "bad" });
        (await bad.HearAsync<MqttConnAckPacket>()).ReasonCode
            .Should().Be(MqttClientConnectResultCode.BadUserNameOrPassword);
        await bad.HearEndAsync();
        using var good = await RawMqttClient.OpenAsync(broker.EndPoint);
        await good.SayAsync(new MqttConnectPacket { UserName = "good" });
        var connAck = await good.HearAsync<MqttConnAckPacket>();
        connAck.Properties!.Text(MqttPropertyId.AssignedClientIdentifier).Should().NotBeNullOrEmpty();

        (await good.SubscribeAsync("secret")).Should().Equal(0x87);
        await good.PublishAsync("secret", "x", qos: 1, packetId: 1);
        (await good.HearAsync<MqttAckPacket>()).ReasonCode.Should().Be(0x87);
    }

    [Theory]
    [InlineData("3006000161" + "020B01", 0x82)]
    [InlineData("0000", 0x81)]
    [InlineData("30FFFFFF7F", 0x95)]
    [InlineData("F000", 0x82)]
    [InlineData("100D00044D5154540502000A000000", 0x82)]
    [InlineData("8208000100" + "00022361" + "00", 0x8f)]
    public async Task Client_that_breaks_a_rule_is_disconnected_with_the_code(string hex, byte code)
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");

        await client.SayHexAsync(hex);

        (await client.HearAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(code);
        await client.HearEndAsync();
    }

    [Theory]
    [InlineData("100C00044D5154540402003C0000", "20020001")] // MQTT 3.1.1
    [InlineData("100C00044D5154548402003C0000", "20020001")] // MQTT 3.1.1, a bridge
    [InlineData("100E00064D51497364700302003C0000", "20020001")] // MQTT 3.1
    [InlineData("100D00044D5154540602003C000000", "2003008400")] // A later one reads MQTT 5, or finds another end.
    [InlineData("100D0004485454500502003C000000", "2003008400")]
    public async Task Client_of_another_version_is_refused_in_words_that_it_reads(string hex, string answer)
    {
        await using var broker = await PocketBroker.StartAsync();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(broker.EndPoint);
        await tcp.GetStream().WriteAsync(Convert.FromHexString(hex));

        using var heard = new MemoryStream();
        await tcp.GetStream().CopyToAsync(heard).WaitAsync(TimeSpan.FromSeconds(5)); // To the end: it is cut off.

        Convert.ToHexString(heard.ToArray()).Should().Be(answer);
    }

    [Theory]
    [InlineData("100D00044D5154540602000A000000", MqttClientConnectResultCode.UnsupportedProtocolVersion)]
    [InlineData("100D00044D5154540503000A000000", MqttClientConnectResultCode.MalformedPacket)]
    [InlineData("C000", MqttClientConnectResultCode.ProtocolError)]
    public async Task Client_that_starts_wrong_is_refused(string hex, MqttClientConnectResultCode code)
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);

        await client.SayHexAsync(hex);

        (await client.HearAsync<MqttConnAckPacket>()).ReasonCode.Should().Be(code);
        await client.HearEndAsync();
    }

    [Fact]
    public async Task Client_that_never_sends_Connect_is_closed()
    {
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { ConnectTimeout = TimeSpan.FromMilliseconds(50) });
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);

        await client.HearEndAsync();
    }

    [Fact]
    public async Task Disconnect_and_Drop_end_a_connection()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var a = await RawMqttClient.ConnectAsync(broker, "a");
        using var b = await RawMqttClient.ConnectAsync(broker, "b");

        broker.Disconnect("a", MqttDisconnectReasonCode.ServerShuttingDown).Should().BeTrue();
        broker.Drop("b").Should().BeTrue();
        broker.Drop("nobody").Should().BeFalse();

        (await a.HearAsync<MqttDisconnectPacket>()).ReasonCode.Should().Be(0x8b);
        await a.HearEndAsync();
        await b.HearEndAsync();
    }

    [Fact]
    public async Task Disposal_ends_while_a_client_does_not_read()
    {
        var broker = await PocketBroker.StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync("a");
        for (var i = 0; i < 10; i++)
        {
            broker.Publish(RawMqttClient.Message("a", new string('x', 1 << 20)));
        }

        await broker.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
    }
}
