using System.Collections.Concurrent;
using System.Security.Cryptography;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Proxy.Tests;

/// <summary>Client → QUIC → SCION → proxy → Debian's mosquitto and back.</summary>
public sealed class MosquittoTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [MosquittoFact]
    public async Task Messages_of_every_size_come_back_whole_and_in_order()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var world = new SameAsWorld(broker.Address);
        await using var publisher = world.Client("publisher");
        await using var subscriber = world.Client("subscriber");
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

    private static async Task ExchangeAsync(
        ScionMqttClient publisher,
        ScionMqttClient subscriber,
        MqttQualityOfServiceLevel quality,
        int size,
        int count)
    {
        var topic = $"sizes/{(int)quality}/{size}";
        var received = new ConcurrentQueue<byte[]>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var subscription = await subscriber.SubscribeAsync(
            new MqttTopicFilter { Topic = topic, QualityOfServiceLevel = quality });
        using var observer = subscription.Messages.Subscribe(
            message =>
            {
                received.Enqueue(message.Payload.ToArray());
                if (received.Count == count)
                {
                    done.SetResult();
                }
            },
            done.SetException);
        var sent = Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetBytes(size)).ToArray();

        foreach (var payload in sent)
        {
            await publisher.PublishAsync(new MqttApplicationMessageBuilder()
                .WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(quality).Build());
        }
        await done.Task.WaitAsync(Patience);

        received.Should().HaveCount(count);
        received.Zip(sent).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)).Should().BeTrue($"{topic} must match");
    }
}
