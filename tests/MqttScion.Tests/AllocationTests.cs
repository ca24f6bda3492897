using MqttScion.Mqtt;
using MqttScion.Tests.Memory;

namespace MqttScion.Tests;

/// <summary>What a message costs in objects, in the steady state, from the call to the answer, over buffers in memory.
/// </summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Messages = 20_000;
    private const int Callers = 50;
    private const int Rounds = 5;
    private const int PayloadBytes = 64;

    private static readonly MqttApplicationMessage _message = Of(MqttQualityOfServiceLevel.AtLeastOnce);

    [Fact]
    public async Task Publish_of_QoS_1_allocates_its_result_and_nothing_else()
    {
        await using var client = MemoryConnector.Client(new MemoryBroker());
        await client.ConnectAsync();

        var bytes = await LeastAsync(() => PublishAsync(client, _message));

        bytes.Should().BeInRange(ResultBytes(), ResultBytes() + 1);
    }

    [Fact]
    public async Task Publish_that_can_be_cancelled_allocates_no_more()
    {
        using var cancellation = new CancellationTokenSource();
        await using var client = MemoryConnector.Client(new MemoryBroker());
        await client.ConnectAsync();

        var bytes = await LeastAsync(() => PublishAsync(client, _message, cancellation.Token));

        bytes.Should().BeInRange(ResultBytes(), ResultBytes() + 1);
    }

    [Fact]
    public async Task Publish_of_QoS_0_allocates_nothing()
    {
        var message = Of(MqttQualityOfServiceLevel.AtMostOnce);
        await using var client = MemoryConnector.Client(new MemoryBroker());
        await client.ConnectAsync();

        var bytes = await LeastAsync(() => PublishAsync(client, message));

        bytes.Should().BeLessThan(1);
    }

    [Fact]
    public async Task Message_of_QoS_1_allocates_itself_and_its_payload()
    {
        var broker = MemoryBroker.Of(_message.Topic, PayloadBytes);
        await using var client = MemoryConnector.Client(broker, o => o.ReceiveMaximum = broker.Window);
        await client.ConnectAsync();
        using var arrived = new SemaphoreSlim(0);
        var left = 0;
        using var observer = client.Messages(new MqttTopicFilter
        {
            Topic = _message.Topic,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        }).Subscribe(_ =>
        {
            if (--left == 0)
            {
                arrived.Release();
            }
        });

        var bytes = await LeastAsync(() =>
        {
            left = Messages;
            broker.Deliver(Messages);
            return arrived.WaitAsync();
        });

        bytes.Should().BeInRange(MessageBytes(), MessageBytes() + 1);
    }

    private static MqttApplicationMessage Of(MqttQualityOfServiceLevel qos) => new()
    {
        Topic = "plant/line/temperature",
        Payload = new byte[PayloadBytes],
        QualityOfServiceLevel = qos,
    };

    private static Task PublishAsync(
        ScionMqttClient client, MqttApplicationMessage message, CancellationToken cancellationToken = default)
    {
        var left = Messages;
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await client.PublishAsync(message, cancellationToken);
            }
        })));
    }

    /// <summary>Bytes a message: the least of several rounds, since the process does other things too.</summary>
    private static async Task<double> LeastAsync(Func<Task> round)
    {
        await round();
        var least = long.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await round();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return least / (double)Messages;
    }

    private static double ResultBytes() => BytesOf(() => new MqttClientPublishResult { PacketIdentifier = 1 });

    private static double MessageBytes() =>
        BytesOf(() => new MqttApplicationMessage()) + BytesOf(() => new byte[PayloadBytes]);

    private static double BytesOf(Func<object> make)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Messages; i++)
        {
            GC.KeepAlive(make());
        }
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Messages;
    }
}

/// <summary>Tests that count what the whole process allocates run alone.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTestsGroup;
