using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>Shared subscriptions (MQTT 5 §4.8.2).</summary>
public sealed class PocketBrokerSharedTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private PocketBroker _broker = null!;

    public async Task InitializeAsync() =>
        _broker = await PocketBroker.StartAsync(new PocketBrokerOptions { TimeProvider = _clock });

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Members_take_turns_and_other_groups_and_subscribers_get_their_own()
    {
        using var a = await JoinAsync("a", "$share/g/t");
        using var b = await JoinAsync("b", "$share/g/t");
        using var other = await JoinAsync("other", "$share/h/t");
        using var own = await JoinAsync("own", "t");

        for (var i = 1; i <= 4; i++)
        {
            Publish($"{i}");
        }

        (await HearAsync(a, 2)).Should().Equal("t=1", "t=3");
        (await HearAsync(b, 2)).Should().Equal("t=2", "t=4");
        (await HearAsync(other, 4)).Should().Equal("t=1", "t=2", "t=3", "t=4");
        (await HearAsync(own, 4)).Should().Equal("t=1", "t=2", "t=3", "t=4");
    }

    [Fact]
    public async Task Retained_messages_are_not_sent_and_wildcards_match()
    {
        _broker.Publish(RawMqttClient.Message("x/y", "old", retain: true));
        using var a = await JoinAsync("a", "$share/g/x/#");

        _broker.Publish(RawMqttClient.Message("x/z", "new"));

        (await HearAsync(a, 1)).Should().Equal("x/z=new");
    }

    [Fact]
    public async Task Connected_members_are_preferred_and_one_that_is_away_gets_what_nobody_else_can()
    {
        using var a = await JoinAsync("a", "$share/g/t", expirySeconds: 60);
        using var b = await JoinAsync("b", "$share/g/t");
        await a.LeaveAsync();
        Publish("1");
        Publish("2");
        (await HearAsync(b, 2)).Should().Equal("t=1", "t=2");
        await AcknowledgeAsync(b, 1, 2);
        await b.LeaveAsync();

        Publish("3");

        using var again = await RawMqttClient.ConnectAsync(_broker, "a", cleanStart: false, isSessionPresent: true);
        (await HearAsync(again, 1)).Should().Equal("t=3");
    }

    [Fact]
    public async Task What_a_member_did_not_acknowledge_goes_to_another_when_it_goes()
    {
        using var a = await JoinAsync("a", "$share/g/t", expirySeconds: 60, receiveMaximum: 1);
        Publish("sent");
        Publish("waits");
        (await HearAsync(a, 1)).Should().Equal("t=sent");
        using var b = await JoinAsync("b", "$share/g/t");

        await a.VanishAsync();

        (await HearAsync(b, 2)).Should().Equal("t=sent", "t=waits");
        using var again = await RawMqttClient.ConnectAsync(_broker, "a", cleanStart: false, isSessionPresent: true);
        await again.HearNothingAsync();
    }

    [Fact]
    public async Task QoS_2_that_was_sent_waits_for_its_member()
    {
        using var a = await JoinAsync("a", "$share/g/t", expirySeconds: 60, qos: 2);
        Publish("sent", qos: 2);
        (await a.HearLineAsync()).Should().Be("PUBLISH t=sent QoS 2, id 1");
        using var b = await JoinAsync("b", "$share/g/t", qos: 2);

        await a.VanishAsync();

        await b.HearNothingAsync();
        using var again = await RawMqttClient.ConnectAsync(_broker, "a", cleanStart: false, isSessionPresent: true);
        (await again.HearLineAsync()).Should().Be("PUBLISH t=sent QoS 2, id 1, dup");
    }

    [Fact]
    public async Task Messages_of_a_lone_member_wait_for_it_with_their_identifiers_and_go_on_when_its_session_ends()
    {
        using var a = await JoinAsync("a", "$share/g/t", expirySeconds: 60);
        Publish("1");
        (await a.HearLineAsync()).Should().Be("PUBLISH t=1 QoS 1, id 1");
        await a.VanishAsync();
        using var again = await RawMqttClient.ConnectAsync(
            _broker, "a", cleanStart: false, expirySeconds: 60, isSessionPresent: true);
        (await again.HearLineAsync()).Should().Be("PUBLISH t=1 QoS 1, id 1, dup");
        await again.VanishAsync();
        using var b = await JoinAsync("b", "$share/g/t");
        await b.HearNothingAsync();

        _clock.Advance(TimeSpan.FromSeconds(60));

        (await HearAsync(b, 1)).Should().Equal("t=1");
    }

    [Fact]
    public async Task Full_member_is_passed_over()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { MaximumQueuedMessages = 1 });
        using var a = await JoinAsync("a", "$share/g/t", broker: broker);
        using var b = await JoinAsync("b", "$share/g/t", broker: broker);
        Publish("1", broker: broker).Should().Be(MqttClientPublishReasonCode.Success);
        (await HearAsync(a, 1)).Should().Equal("t=1");
        Publish("2", broker: broker).Should().Be(MqttClientPublishReasonCode.Success);
        (await HearAsync(b, 1)).Should().Equal("t=2");
        await AcknowledgeAsync(b, 1);

        Publish("3", broker: broker).Should().Be(MqttClientPublishReasonCode.Success);
        Publish("4", broker: broker).Should().Be(MqttClientPublishReasonCode.QuotaExceeded);

        (await HearAsync(b, 1)).Should().Equal("t=3");
    }

    private MqttClientPublishReasonCode Publish(string payload, int qos = 1, PocketBroker? broker = null) =>
        (broker ?? _broker).Publish(RawMqttClient.Message("t", payload, qos: qos));

    private async Task<RawMqttClient> JoinAsync(string clientId, string filter, uint expirySeconds = 0, int qos = 1,
        ushort receiveMaximum = 100, PocketBroker? broker = null)
    {
        var client = await RawMqttClient.ConnectAsync(broker ?? _broker, clientId, expirySeconds: expirySeconds,
            properties: p => p.Add(MqttPropertyId.ReceiveMaximum, receiveMaximum));
        (await client.SubscribeAsync(new MqttTopicFilter
        {
            Topic = filter,
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
        })).Should().Equal((byte)qos);
        return client;
    }

    private static async Task AcknowledgeAsync(RawMqttClient client, params ushort[] packetIds)
    {
        foreach (var packetId in packetIds)
        {
            await client.AcknowledgeAsync(MqttPacketType.PubAck, packetId);
        }
        await client.HearNothingAsync();
    }

    /// <summary>So many messages, and nothing after them.</summary>
    private static async Task<List<string>> HearAsync(RawMqttClient client, int count)
    {
        var heard = new List<string>();
        for (var i = 0; i < count; i++)
        {
            heard.Add(await client.HearTextAsync());
        }
        await client.HearNothingAsync();
        return heard;
    }
}
