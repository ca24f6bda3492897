using MqttScion.Mqtt;

namespace MqttScion.Testnet.Tests;

/// <summary>The client's engine and the broker talk over real sockets.</summary>
public class MqttSessionOverTcpTests
{
    [Fact]
    public async Task Session_subscribes_publishes_and_gets_four_megabytes_back()
    {
        await using var broker = await PocketBroker.StartAsync();
        using var client = await SessionClient.ConnectAsync(broker, new MqttSessionOptions { ClientId = "c" });
        client.Session.Subscribe([Filter("big")], 9, client.Now);
        (await client.NextAsync(MqttEventKind.SubscribeCompleted)).SubscribeResult!.IsSuccess.Should().BeTrue();
        var payload = new byte[4 << 20];
        new Random(7).NextBytes(payload);

        var token = client.Session.Publish(Message("big", payload), client.Now);

        MqttEvent[] events = [await client.NextAsync(), await client.NextAsync()];
        var completed = events.Single(e => e.Kind == MqttEventKind.PublishCompleted);
        completed.Token.Should().Be(token);
        completed.PublishResult!.IsSuccess.Should().BeTrue();
        var received = events.Single(e => e.Kind == MqttEventKind.MessageReceived);
        received.Message!.Payload.Span.SequenceEqual(payload).Should().BeTrue();
        received.Message.SubscriptionIdentifiers.Should().Equal(9);
        client.Session.Acknowledge(received.PacketId, MqttClientPublishReasonCode.Success, client.Now)
            .Should().BeTrue();
        await client.FlushAsync();
    }

    [Fact]
    public async Task Session_resumes_on_a_new_connection()
    {
        await using var broker = await PocketBroker.StartAsync();
        var options = new MqttSessionOptions
        {
            ClientId = "c",
            CleanStart = false,
            SessionExpiryInterval = TimeSpan.FromMinutes(5),
        };
        using var first = await SessionClient.ConnectAsync(broker, options);
        first.Session.Subscribe([Filter("a")], null, first.Now);
        await first.NextAsync(MqttEventKind.SubscribeCompleted);
        var token = first.Session.Publish(Message("a", [1]), first.Now);
        first.Session.OnTransportClosed("The stream was reset before the message left.");

        using var second = await SessionClient.ConnectAsync(
            broker, options with { Inflight = first.Session.TakeInflight() });

        second.Session.ConnectResult!.IsSessionPresent.Should().BeTrue();
        MqttEvent[] events = [await second.NextAsync(), await second.NextAsync()];
        events.Single(e => e.Kind == MqttEventKind.PublishCompleted).Token.Should().Be(token);
        events.Single(e => e.Kind == MqttEventKind.MessageReceived).Message!.Payload.ToArray().Should().Equal(1);
    }

    [Fact]
    public async Task Thousand_messages_come_in_order()
    {
        await using var broker = await PocketBroker.StartAsync(new PocketBrokerOptions { ReceiveMaximum = 10 });
        using var client = await SessionClient.ConnectAsync(
            broker, new MqttSessionOptions { ClientId = "c", ReceiveMaximum = 7 });
        client.Session.Subscribe([Filter("n")], null, client.Now);
        await client.NextAsync(MqttEventKind.SubscribeCompleted);
        for (var i = 0; i < 1000; i++)
        {
            client.Session.Publish(Message("n", BitConverter.GetBytes(i)), client.Now);
        }
        var numbers = new List<int>();
        var completed = 0;
        while (numbers.Count < 1000 || completed < 1000)
        {
            var e = await client.NextAsync();
            if (e.Kind == MqttEventKind.PublishCompleted)
            {
                e.PublishResult!.IsSuccess.Should().BeTrue();
                completed++;
                continue;
            }
            numbers.Add(BitConverter.ToInt32(e.Message!.Payload.Span));
            client.Session.Acknowledge(e.PacketId, MqttClientPublishReasonCode.Success, client.Now);
        }

        numbers.Should().Equal(Enumerable.Range(0, 1000));
    }

    private static MqttTopicFilter Filter(string topic) =>
        new() { Topic = topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };

    private static MqttApplicationMessage Message(string topic, byte[] payload) => new()
    {
        Topic = topic,
        Payload = payload,
        QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    };
}
