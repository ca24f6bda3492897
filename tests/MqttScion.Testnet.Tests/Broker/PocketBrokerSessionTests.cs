using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

public class PocketBrokerSessionTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public async Task Taken_over_connection_is_told_and_the_session_goes_on()
    {
        await using var broker = await StartAsync();
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        await first.SubscribeAsync(Filter("a"));
        broker.Publish(RawMqttClient.Message("a", "1", qos: 1));
        (await first.HearLineAsync()).Should().Be("PUBLISH a=1 QoS 1, id 1");

        using var second = await RawMqttClient.ConnectAsync(
            broker, "c", cleanStart: false, expirySeconds: 60, isSessionPresent: true);

        (await first.HearLineAsync()).Should().Be("DISCONNECT 8E");
        await first.HearEndAsync();
        (await second.HearLineAsync()).Should().Be("PUBLISH a=1 QoS 1, id 1, dup");
        broker.ConnectedClients.Should().Equal("c");
    }

    [Theory]
    [InlineData(0, false)] // §3.1.4: A session without expiry ends when its connection is taken over.
    [InlineData(60, true)]
    public async Task Taken_over_session_starts_anew_when_it_ended(uint expirySeconds, bool isCleanStart)
    {
        await using var broker = await StartAsync();
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: expirySeconds);
        await first.SubscribeAsync(Filter("a"));

        using var second = await RawMqttClient.ConnectAsync(
            broker, "c", cleanStart: isCleanStart, isSessionPresent: false);

        await first.HearEndAsync();
        broker.Publish(RawMqttClient.Message("a")).Should().Be(MqttClientPublishReasonCode.NoMatchingSubscribers);
    }

    [Fact]
    public async Task Disconnect_may_change_the_expiry_but_not_from_zero()
    {
        await using var broker = await StartAsync();
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        await first.LeaveAsync(expirySeconds: 0);
        using var second = await RawMqttClient.ConnectAsync(
            broker, "c", cleanStart: false, expirySeconds: 60, isSessionPresent: false);
        await second.LeaveAsync(expirySeconds: 120);
        _clock.Advance(TimeSpan.FromSeconds(119));
        using var third = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true);

        await third.SayHexAsync("E007" + "0005" + "1100000001");

        (await third.HearLineAsync()).Should().Be("DISCONNECT 82");
        await third.HearEndAsync();
    }

    [Fact]
    public async Task Server_limits_the_expiry_and_says_so()
    {
        await using var broker = await StartAsync(o => o with { MaximumSessionExpiry = TimeSpan.FromSeconds(30) });
        using var client = await RawMqttClient.OpenAsync(broker.EndPoint);
        var properties = new MqttProperties();
        properties.Add(MqttPropertyId.SessionExpiryInterval, uint.MaxValue);
        await client.SayAsync(new MqttConnectPacket { ClientId = "c", CleanStart = true, Properties = properties });

        var connAck = await client.HearAsync<MqttConnAckPacket>();

        connAck.Properties!.Number(MqttPropertyId.SessionExpiryInterval).Should().Be(30);
        await client.LeaveAsync(expirySeconds: 1000);
        _clock.Advance(TimeSpan.FromSeconds(30));
        using var again = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: false);
    }

    [Fact]
    public async Task Queue_of_a_client_that_is_away_is_bounded_and_its_publishers_are_not_refused()
    {
        await using var broker = await StartAsync(o => o with { MaximumQueuedMessages = 3 });
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        await first.SubscribeAsync(Filter("a"));
        await first.LeaveAsync();

        for (var i = 1; i <= 5; i++)
        {
            broker.Publish(RawMqttClient.Message("a", $"{i}", qos: 1)).Should().Be(MqttClientPublishReasonCode.Success);
        }

        broker.Statistics.DroppedAway.Should().Be(2);
        using var second = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true);
        for (var i = 1; i <= 3; i++)
        {
            (await second.HearTextAsync()).Should().Be($"a={i}");
        }
        await second.HearNothingAsync();
    }

    [Fact]
    public async Task Queue_is_bounded_in_bytes_and_expired_messages_make_room()
    {
        await using var broker = await StartAsync(o => o with { MaximumQueuedBytes = 250 });
        using var first = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);
        await first.SubscribeAsync(Filter("a"));
        await first.LeaveAsync();
        var text = new string('x', 100);
        broker.Publish(RawMqttClient.Message("a", $"1{text}", qos: 1, expiry: 10));
        broker.Publish(RawMqttClient.Message("a", $"2{text}", qos: 1));
        broker.Publish(RawMqttClient.Message("a", $"3{text}", qos: 1));
        broker.Statistics.DroppedAway.Should().Be(1);
        _clock.Advance(TimeSpan.FromSeconds(10));

        broker.Publish(RawMqttClient.Message("a", $"4{text}", qos: 1));

        broker.Statistics.Expired.Should().Be(1);
        using var second = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true);
        (await second.HearTextAsync()).Should().StartWith("a=2");
        (await second.HearTextAsync()).Should().StartWith("a=4");
        await second.HearNothingAsync();
    }

    [Fact]
    public async Task Restarted_broker_goes_on_on_the_same_port()
    {
        var state = new PocketBrokerState();
        var former = await StartAsync(o => o with { State = state });
        var endPoint = former.EndPoint;
        using var first = await RawMqttClient.ConnectAsync(former, "c", expirySeconds: 60);
        await first.SubscribeAsync(Filter("a"));
        await first.PublishAsync("b", "open", qos: 2, packetId: 5);
        (await first.HearLineAsync()).Should().Be("PUBREC 5 10");
        former.Publish(RawMqttClient.Message("a", "1", qos: 1));
        await first.HearLineAsync();
        former.Publish(RawMqttClient.Message("kept", "r", retain: true));
        var act = () => StartAsync(o => o with { State = state });
        await act.Should().ThrowAsync<InvalidOperationException>();
        await former.DisposeAsync();

        await using var broker = await StartAsync(o => o with { State = state, EndPoint = endPoint });

        broker.Publish(RawMqttClient.Message("a", "2", qos: 1));
        using var second = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true);
        (await second.HearLineAsync()).Should().Be("PUBLISH a=1 QoS 1, id 1, dup");
        (await second.HearLineAsync()).Should().Be("PUBLISH a=2 QoS 1, id 2");
        await second.AcknowledgeAsync(MqttPacketType.PubRel, 5);
        (await second.HearLineAsync()).Should().Be("PUBCOMP 5 00");
        await second.SubscribeAsync("kept");
        (await second.HearTextAsync()).Should().Be("kept=r");
        broker.Statistics.Delivered.Should().Be(3);
    }

    [Fact]
    public async Task Shut_down_tells_the_clients_even_when_no_more_are_accepted()
    {
        var broker = await StartAsync(o => o with { MaximumConnections = 2 });
        using var client = await RawMqttClient.ConnectAsync(broker, "c");
        using var silent = await RawMqttClient.OpenAsync(broker.EndPoint);

        await broker.ShutDownAsync().WaitAsync(TimeSpan.FromSeconds(20));

        (await client.HearLineAsync()).Should().Be("DISCONNECT 8B");
        await client.HearEndAsync();
        (await silent.HearLineAsync()).Should().Be("END");
    }

    [Fact]
    public async Task Dropped_connections_end_without_a_word_and_clients_may_return()
    {
        await using var broker = await StartAsync();
        using var silent = await RawMqttClient.OpenAsync(broker.EndPoint);
        using var client = await RawMqttClient.ConnectAsync(broker, "c", expirySeconds: 60);

        broker.DropConnections().Should().Be(2);

        (await client.HearLineAsync()).Should().Be("END");
        (await silent.HearLineAsync()).Should().Be("END");
        using var again = await RawMqttClient.ConnectAsync(broker, "c", cleanStart: false, isSessionPresent: true);
    }

    [Fact]
    public async Task Frozen_broker_accepts_but_answers_only_when_it_thaws()
    {
        await using var broker = await StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c", keepAliveSeconds: 10);
        broker.Freeze();
        using var late = await RawMqttClient.OpenAsync(broker.EndPoint);
        await late.SayAsync(new MqttConnectPacket { ClientId = "late" });
        await client.SayAsync(MqttPacketType.PingReq);
        var answer = client.HearLineAsync();
        _clock.Advance(TimeSpan.FromSeconds(60));
        broker.ConnectedClients.Should().Equal("c");
        answer.IsCompleted.Should().BeFalse();

        broker.Thaw();

        (await answer).Should().Be("PINGRESP");
        (await late.HearLineAsync()).Should().Be("CONNACK 00");
    }

    [Fact]
    public async Task Silence_of_one_and_a_half_keep_alives_ends_the_connection()
    {
        await using var broker = await StartAsync();
        using var client = await RawMqttClient.ConnectAsync(broker, "c", keepAliveSeconds: 10);
        _clock.Advance(TimeSpan.FromSeconds(14));
        await client.HearNothingAsync(); // The PINGREQ starts the time again.
        _clock.Advance(TimeSpan.FromSeconds(14));
        await client.HearNothingAsync();

        _clock.Advance(TimeSpan.FromSeconds(15));

        (await client.HearLineAsync()).Should().Be("DISCONNECT 8D");
        await client.HearEndAsync();
    }

    private Task<PocketBroker> StartAsync(Func<PocketBrokerOptions, PocketBrokerOptions>? change = null)
    {
        var options = new PocketBrokerOptions { TimeProvider = _clock };
        return PocketBroker.StartAsync(change?.Invoke(options) ?? options);
    }

    private static MqttTopicFilter Filter(string topic) =>
        new() { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
}
