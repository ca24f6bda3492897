using System.Text;
using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>What a test can make the broker refuse or ask for.</summary>
public class PocketBrokerOptionTests
{
    private const string PublishQoS1 = "3406" + "000161" + "0001" + "00";
    private const string PublishQoS2 = "3C06" + "000161" + "0001" + "00";
    private const string PublishRetained = "3104" + "000161" + "00";
    private const string PublishAlias3 = "3007" + "000161" + "03230003";

    public static TheoryData<string, string, string> Denials => new()
    {
        { "QoS 0", PublishQoS1, "DISCONNECT 9B" },
        { "QoS 1", PublishQoS2, "DISCONNECT 9B" },
        { "retain", PublishRetained, "DISCONNECT 9A" },
        { "wildcard", "8207" + "000100" + "000123" + "00", "DISCONNECT A2" },
        { "shared", "820F" + "000100" + "0009" + "2473686172652F672F" + "00", "DISCONNECT 8F" },
        { "shared", "8210" + "000100" + "000A" + "2473686172652F672F61" + "00", "DISCONNECT 9E" },
        { "identifier", "8209" + "0001" + "020B05" + "000161" + "00", "DISCONNECT A1" },
        { "alias", PublishAlias3, "DISCONNECT 94" },
        { "none", PublishAlias3, "PINGRESP" },
        { "none", PublishRetained, "PINGRESP" },
        { "rate", "3004" + "00016100" + "3004" + "00016100" + "3004" + "00016100", "DISCONNECT 96" },
        { "size", "3020" + "000161", "DISCONNECT 95" },
    };

    [Theory]
    [MemberData(nameof(Denials))]
    public async Task What_CONNACK_denies_is_answered_with_its_code(string denied, string hex, string answer)
    {
        await using var broker = await PocketBroker.StartAsync(OptionsOf(denied));
        using var client = await RawMqttClient.ConnectAsync(broker, "c");

        await client.SayHexAsync(hex);
        if (answer == "PINGRESP")
        {
            await client.SayAsync(MqttPacketType.PingReq);
        }

        (await client.HearLineAsync()).Should().Be(answer);
    }

    [Fact]
    public async Task CONNACK_tells_what_is_denied_and_nothing_by_default()
    {
        var all = await ConnAckAsync(new PocketBrokerOptions
        {
            MaximumQoS = MqttQualityOfServiceLevel.AtMostOnce,
            IsRetainAvailable = false,
            IsWildcardSubscriptionAvailable = false,
            IsSubscriptionIdentifierAvailable = false,
            IsSharedSubscriptionAvailable = false,
            ServerKeepAlive = TimeSpan.FromSeconds(7),
            TopicAliasMaximum = 3,
            ReceiveMaximum = 5,
            MaximumPacketSize = 1000,
        });
        var none = await ConnAckAsync(new PocketBrokerOptions());

        MqttPropertyId[] denials =
        [
            MqttPropertyId.MaximumQoS, MqttPropertyId.RetainAvailable, MqttPropertyId.WildcardSubscriptionAvailable,
            MqttPropertyId.SubscriptionIdentifierAvailable, MqttPropertyId.SharedSubscriptionAvailable,
        ];
        denials.Select(all.Number).Should().AllBeEquivalentTo(0u);
        denials.Should().OnlyContain(id => !none.Has(id));
        all.Number(MqttPropertyId.ServerKeepAlive).Should().Be(7);
        all.Number(MqttPropertyId.TopicAliasMaximum).Should().Be(3);
        all.Number(MqttPropertyId.ReceiveMaximum).Should().Be(5);
        all.Number(MqttPropertyId.MaximumPacketSize).Should().Be(1000);
    }

    [Theory]
    [InlineData(1, true, "CONNACK 9A")]
    [InlineData(2, false, "CONNACK 9B")]
    [InlineData(1, false, "CONNACK 00")]
    public async Task Will_that_is_denied_is_refused_at_once(int qos, bool retain, string answer)
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            MaximumQoS = MqttQualityOfServiceLevel.AtLeastOnce,
            IsRetainAvailable = false,
        });
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);

        await client.SayAsync(new MqttConnectPacket
        {
            ClientId = "c",
            Will = RawMqttClient.Message("w", "x", qos, retain),
        });

        (await client.HearLineAsync()).Should().Be(answer);
    }

    [Fact]
    public async Task Granted_QoS_is_at_most_the_maximum()
    {
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { MaximumQoS = MqttQualityOfServiceLevel.AtLeastOnce });
        using var client = await RawMqttClient.ConnectAsync(broker, "c");

        (await client.SubscribeAsync(new MqttTopicFilter
        {
            Topic = "a",
            QualityOfServiceLevel = MqttQualityOfServiceLevel.ExactlyOnce,
        })).Should().Equal(1);
    }

    [Fact]
    public async Task Client_is_sent_to_another_server()
    {
        var isMoving = false;
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions
        {
            ServerReference = "other:1883",
            AuthorizeConnect = _ => isMoving
                ? MqttClientConnectResultCode.ServerMoved
                : MqttClientConnectResultCode.Success,
        });
        using var first = await RawMqttClient.ConnectAsync(broker, "c");
        isMoving = true;
        broker.Disconnect("c", MqttDisconnectReasonCode.UseAnotherServer);
        var farewell = await first.HearAsync<MqttDisconnectPacket>();
        farewell.ReasonCode.Should().Be(0x9c);
        farewell.Properties!.Text(MqttPropertyId.ServerReference).Should().Be("other:1883");

        using var second = await RawMqttClient.OpenAsync(broker.EndPoint);
        await second.SayAsync(new MqttConnectPacket { ClientId = "c" });

        var refusal = await second.HearAsync<MqttConnAckPacket>();
        refusal.ReasonCode.Should().Be(MqttClientConnectResultCode.ServerMoved);
        refusal.Properties!.Text(MqttPropertyId.ServerReference).Should().Be("other:1883");
        await second.HearEndAsync();
    }

    [Fact]
    public async Task Clients_that_connect_too_fast_are_refused()
    {
        var clock = new TestClock();
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { MaximumConnectionsPerSecond = 1, TimeProvider = clock });
        using var first = await RawMqttClient.ConnectAsync(broker, "1");
        using var second = await RawMqttClient.OpenAsync(broker.EndPoint);
        await second.SayAsync(new MqttConnectPacket { ClientId = "2" });

        (await second.HearLineAsync()).Should().Be("CONNACK 9F");
        clock.Advance(TimeSpan.FromSeconds(1));
        using var third = await RawMqttClient.ConnectAsync(broker, "3");
    }

    [Fact]
    public async Task Overlapping_subscriptions_give_a_copy_each_when_asked_for()
    {
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { OneCopyPerSubscription = true });
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        await client.SubscribeAsync(
            new MqttTopicFilter { Topic = "a/#", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtMostOnce },
            identifier: 1);
        await client.SubscribeAsync("a/+", identifier: 2);

        broker.Publish(RawMqttClient.Message("a/b", "x", qos: 2));

        string[] heard = [await client.HearLineAsync(), await client.HearLineAsync()];
        heard.Should().BeEquivalentTo("PUBLISH a/b=x QoS 0, for 1", "PUBLISH a/b=x QoS 1, id 1, for 2");
    }

    [Fact]
    public async Task Topic_aliases_are_understood_and_given()
    {
        await using var broker = await PocketBroker.StartAsync(
            new PocketBrokerOptions { TopicAliasMaximum = 2, OutgoingTopicAliasMaximum = 1 });
        using var client = await RawMqttClient.ConnectAsync(
            broker, "c", properties: p => p.Add(MqttPropertyId.TopicAliasMaximum, 5));
        await client.SubscribeAsync("#");

        await client.SayHexAsync("3008" + "000161" + "03230002" + "31"); // a is 2
        await client.SayHexAsync("3007" + "0000" + "03230002" + "32");
        await client.SayHexAsync("3008" + "000162" + "03230002" + "33"); // b is 2
        await client.SayHexAsync("3007" + "0000" + "03230002" + "34");

        var heard = new List<(string, int, string)>();
        for (var i = 0; i < 4; i++)
        {
            var message = (await client.HearAsync<MqttPublishPacket>()).Message;
            heard.Add((message.Topic, message.TopicAlias, message.ConvertPayloadToString()));
        }
        heard.Should().Equal(("a", 1, "1"), ("", 1, "2"), ("b", 0, "3"), ("b", 0, "4"));
        await client.SayHexAsync("3006" + "0000" + "03230001");
        (await client.HearLineAsync()).Should().Be("DISCONNECT 82");
    }

    [Fact]
    public async Task Enhanced_authentication_challenges_until_it_accepts_and_again_on_request()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { Authenticate = Quiz });
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);
        await client.SayAsync(new MqttConnectPacket { ClientId = "c", CleanStart = true, Properties = Auth("quiz") });
        await HearAuthAsync(client, 0x18, "question 0");
        await client.SayAsync(new MqttDisconnectPacket(MqttPacketType.Auth, 0x18, Auth("quiz", "answer 0")));
        var connAck = await client.HearAsync<MqttConnAckPacket>();
        connAck.ReasonCode.Should().Be(MqttClientConnectResultCode.Success);
        connAck.Properties!.Text(MqttPropertyId.AuthenticationMethod).Should().Be("quiz");
        Encoding.UTF8.GetString(connAck.Properties.Binary(MqttPropertyId.AuthenticationData)!).Should().Be("well done");

        await client.SayAsync(new MqttDisconnectPacket(MqttPacketType.Auth, 0x19, Auth("quiz")));
        await HearAuthAsync(client, 0x18, "question 0");
        await client.SayAsync(new MqttDisconnectPacket(MqttPacketType.Auth, 0x18, Auth("quiz", "answer 0")));
        await HearAuthAsync(client, 0x00, "well done");

        await client.SayAsync(new MqttDisconnectPacket(MqttPacketType.Auth, 0x19, Auth("quiz")));
        await HearAuthAsync(client, 0x18, "question 0");
        await client.SayAsync(new MqttDisconnectPacket(MqttPacketType.Auth, 0x18, Auth("quiz", "wrong")));
        (await client.HearLineAsync()).Should().Be("DISCONNECT 87");
        await client.HearEndAsync();
    }

    [Theory]
    [InlineData("other", "quiz", 0x18, "CONNACK 8C")]   // a method that the delegate refuses
    [InlineData("quiz", "other", 0x18, "CONNACK 82")]   // [MQTT-4.12.0-5]
    [InlineData("quiz", "quiz", 0x19, "CONNACK 82")]    // again, before it began
    public async Task Authentication_that_breaks_a_rule_is_refused(
        string method, string secondMethod, byte code, string answer)
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { Authenticate = Quiz });
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);
        await client.SayAsync(new MqttConnectPacket { ClientId = "c", Properties = Auth(method) });
        if (method == "quiz")
        {
            await HearAuthAsync(client, 0x18, "question 0");
            await client.SayAsync(new MqttDisconnectPacket(MqttPacketType.Auth, code, Auth(secondMethod, "answer 0")));
        }

        (await client.HearLineAsync()).Should().Be(answer);
        await client.HearEndAsync();
    }

    [Theory]
    [InlineData(false, "CONNACK 8C")]
    [InlineData(true, "DISCONNECT 82")] // [MQTT-4.12.0-6]: no AUTH from a client that named no method
    public async Task AUTH_needs_a_method_that_is_known(bool isAfterConnect, string answer)
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = isAfterConnect
            ? await RawMqttClient.ConnectAsync(broker, "c")
            : await RawMqttClient.OpenAsync(broker.EndPoint);

        await client.SayAsync(isAfterConnect
            ? new MqttDisconnectPacket(MqttPacketType.Auth, 0x19, Auth("quiz"))
            : new MqttConnectPacket { ClientId = "c", Properties = Auth("quiz") });

        (await client.HearLineAsync()).Should().Be(answer);
        await client.HearEndAsync();
    }

    private static PocketBrokerOptions OptionsOf(string denied)
    {
        var options = new PocketBrokerOptions();
        return denied switch
        {
            "QoS 0" => options with { MaximumQoS = MqttQualityOfServiceLevel.AtMostOnce },
            "QoS 1" => options with { MaximumQoS = MqttQualityOfServiceLevel.AtLeastOnce },
            "retain" => options with { IsRetainAvailable = false },
            "wildcard" => options with { IsWildcardSubscriptionAvailable = false },
            "shared" => options with { IsSharedSubscriptionAvailable = false },
            "identifier" => options with { IsSubscriptionIdentifierAvailable = false },
            "alias" => options with { TopicAliasMaximum = 2 },
            "rate" => options with { MaximumMessagesPerSecond = 2, TimeProvider = new TestClock() },
            "size" => options with { MaximumPacketSize = 30 },
            _ => options,
        };
    }

    private static async Task<MqttProperties> ConnAckAsync(PocketBrokerOptions options)
    {
        await using var broker = await PocketBroker.StartAsync(options);
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);
        await client.SayAsync(new MqttConnectPacket { ClientId = "c" });
        return (await client.HearAsync<MqttConnAckPacket>()).Properties!;
    }

    private static PocketBrokerAuthenticationAnswer Quiz(PocketBrokerAuthentication step)
    {
        if (step.Method != "quiz")
        {
            return PocketBrokerAuthenticationAnswer.Refuse(MqttClientConnectResultCode.BadAuthenticationMethod);
        }
        if (step.Round == 0)
        {
            return PocketBrokerAuthenticationAnswer.Continue(Encoding.UTF8.GetBytes("question 0"), state: "answer 0");
        }
        return Encoding.UTF8.GetString(step.Data ?? []) == (string)step.State!
            ? PocketBrokerAuthenticationAnswer.Accept(Encoding.UTF8.GetBytes("well done"))
            : PocketBrokerAuthenticationAnswer.Refuse();
    }

    private static MqttProperties Auth(string method, string? data = null)
    {
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.AuthenticationMethod, method);
        properties.Add(MqttPropertyId.AuthenticationData, data is null ? null : Encoding.UTF8.GetBytes(data));
        return properties;
    }

    private static async Task HearAuthAsync(RawMqttClient client, byte code, string data)
    {
        var auth = await client.HearAsync<MqttDisconnectPacket>();
        auth.Type.Should().Be(MqttPacketType.Auth);
        auth.ReasonCode.Should().Be(code);
        auth.Properties!.Text(MqttPropertyId.AuthenticationMethod).Should().Be("quiz");
        Encoding.UTF8.GetString(auth.Properties.Binary(MqttPropertyId.AuthenticationData)!).Should().Be(data);
    }
}
