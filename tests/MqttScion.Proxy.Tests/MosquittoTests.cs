using System.Security.Cryptography;
using System.Threading.Channels;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;
using MqttScion.Scion;

namespace MqttScion.Proxy.Tests;

/// <summary>Client → QUIC → SCION over border routers → proxy → Debian's mosquitto, and back.</summary>
public sealed class MosquittoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [MosquittoFact]
    public async Task Messages_of_every_size_come_back_whole_and_in_order()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var world = await EmulatedWorld.StartAsync(broker.Address);
        await using var publisher = new ScionMqttClient(world.ClientOptions("publisher"));
        await using var subscriber = new ScionMqttClient(world.ClientOptions("subscriber"));
        await publisher.ConnectAsync();
        await subscriber.ConnectAsync();

        foreach (var quality in new[] { MqttQualityOfServiceLevel.AtMostOnce, MqttQualityOfServiceLevel.AtLeastOnce })
        {
            foreach (var (size, count) in new[] { (0, 20), (64, 200), (64 * 1024, 20), (4 * 1024 * 1024, 2) })
            {
                await ExchangeAsync(publisher, subscriber, quality, size, count);
            }
        }
    }

    [MosquittoTheory]
    [InlineData("1-ff00:0:110", "2-ff00:0:210", "core only")]
    [InlineData("1-ff00:0:111", "1-ff00:0:110", "up only")]
    [InlineData("1-ff00:0:112", "2-ff00:0:212", "two levels below the core on both sides")]
    public async Task Messages_pass_between_any_two_places(string clientAs, string proxyAs, string because)
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var world = await EmulatedWorld.StartAsync(broker.Address, IsdAs.Parse(proxyAs));
        await using var client = new ScionMqttClient(world.ClientOptions("client", IsdAs.Parse(clientAs)));
        await client.ConnectAsync().WaitAsync(Patience);

        await ExchangeAsync(client, client, MqttQualityOfServiceLevel.AtLeastOnce, size: 5000, count: 20);

        client.Should().NotBeNull(because);
    }

    private static async Task ExchangeAsync(
        ScionMqttClient publisher,
        ScionMqttClient subscriber,
        MqttQualityOfServiceLevel quality,
        int size,
        int count)
    {
        var topic = $"sizes/{(int)quality}/{size}";
        var received = Channel.CreateUnbounded<byte[]>();
        await using var subscription = await subscriber.SubscribeAsync(
            new MqttTopicFilter { Topic = topic, QualityOfServiceLevel = quality });
        using var observer = subscription.Messages.Subscribe(
            message => received.Writer.TryWrite(message.Payload.ToArray()),
            e => received.Writer.Complete(e));
        var sent = Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetBytes(size)).ToArray();

        var publishes = sent.Select(payload => publisher.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(quality).Build()).AsTask()).ToArray();
        for (var i = 0; i < count; i++)
        {
            var payload = await received.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            payload.AsSpan().SequenceEqual(sent[i]).Should().BeTrue($"message {i} of {topic} must arrive as sent");
        }
        await Task.WhenAll(publishes);
        received.Reader.Count.Should().Be(0);
    }
}
