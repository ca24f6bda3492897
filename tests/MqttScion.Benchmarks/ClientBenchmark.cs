using System.CommandLine;
using System.Diagnostics;
using MqttScion.Mqtt;
using MqttScion.Tests.Memory;

namespace MqttScion.Benchmarks;

/// <summary>
/// The client over buffers in memory: from <c>PublishAsync</c> to the encoded bytes and from the PUBACK back to the
/// caller, and from a PUBLISH to <c>OnNext</c> and the PUBACK. Without QUIC and sockets; run it on one core.
/// </summary>
internal static class ClientBenchmark
{
    private const string Topic = "plant/hall-7/line-3/temperature";

    public static Command Command()
    {
        var messages = new Option<int>("--messages")
        {
            Description = "Messages.",
            DefaultValueFactory = _ => 2_000_000,
        };
        var lanes = new Option<int>("--lanes")
        {
            Description = "Callers that publish one message after the other, side by side.",
            DefaultValueFactory = _ => 1000,
        };
        var payload = new Option<int>("--payload") { Description = "Payload bytes.", DefaultValueFactory = _ => 64 };
        var repetitions = new Option<int>("--repetitions") { Description = "Runs.", DefaultValueFactory = _ => 5 };
        var direction = new Option<string>("--only") { Description = "out or in." };
        var command = new Command("client", "The client over buffers in memory, QoS 1 both ways.")
        {
            messages,
            lanes,
            payload,
            repetitions,
            direction,
        };
        command.SetAction(async (parse, _) =>
        {
            var only = parse.GetValue(direction);
            if (only is null or "out")
            {
                await RunAsync("out", parse.GetValue(repetitions), parse.GetValue(messages), () => OutAsync(
                    parse.GetValue(messages), parse.GetValue(lanes), parse.GetValue(payload)));
            }
            if (only is null or "in")
            {
                await RunAsync("in", parse.GetValue(repetitions), parse.GetValue(messages), () => InAsync(
                    parse.GetValue(messages), parse.GetValue(payload)));
            }
        });
        return command;
    }

    private static async Task RunAsync(string name, int repetitions, int messages, Func<Task<Figures>> measure)
    {
        for (var i = 0; i < repetitions; i++)
        {
            var f = await measure();
            Console.WriteLine(
                $"{name,-4} {messages / f.Elapsed.TotalSeconds,10:0} messages/s  "
                + $"{messages / (f.Elapsed - f.Broker).TotalSeconds,10:0} without the broker's "
                + $"{100 * f.Broker / f.Elapsed,2:0} %  {f.Cpu.TotalMicroseconds / messages,5:0.00} µs CPU  "
                + $"{f.Bytes / (double)messages,6:0.0} B allocated a message");
        }
    }

    private static async Task<Figures> OutAsync(int messages, int lanes, int payloadBytes)
    {
        var broker = new MemoryBroker();
        await using var client = MemoryConnector.Client(broker, o => o.MaxPendingPublishes = Math.Max(lanes, 1));
        await client.ConnectAsync();
        var message = new MqttApplicationMessageBuilder().WithTopic(Topic).WithPayload(new byte[payloadBytes])
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        await PublishAsync(client, message, messages / 4, lanes);
        return await Figures.OfAsync(broker, () => PublishAsync(client, message, messages, lanes));
    }

    private static async Task PublishAsync(
        ScionMqttClient client, MqttApplicationMessage message, int messages, int lanes)
    {
        var left = messages;
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await client.PublishAsync(message);
            }
        })));
    }

    private static async Task<Figures> InAsync(int messages, int payloadBytes)
    {
        var broker = MemoryBroker.Of(Topic, payloadBytes);
        await using var client = MemoryConnector.Client(broker, o => o.ReceiveMaximum = broker.Window);
        await client.ConnectAsync();
        var arrived = new SemaphoreSlim(0);
        var left = 0;
        var subscription = await client.SubscribeAsync(
            new MqttTopicFilter { Topic = Topic, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });
        using var observer = subscription.Messages.Subscribe(m =>
        {
            if (--left == 0)
            {
                arrived.Release();
            }
        });
        await DeliverAsync(messages / 4);
        return await Figures.OfAsync(broker, () => DeliverAsync(messages));

        async Task DeliverAsync(int count)
        {
            left = count;
            broker.Deliver(count);
            await arrived.WaitAsync();
        }
    }

    private sealed record Figures(TimeSpan Elapsed, TimeSpan Broker, TimeSpan Cpu, long Bytes)
    {
        public static async Task<Figures> OfAsync(MemoryBroker broker, Func<Task> run)
        {
            GC.Collect();
            var bytes = GC.GetTotalAllocatedBytes(precise: true);
            var cpu = Environment.CpuUsage.TotalTime;
            var busy = broker.Busy;
            var startedAt = Stopwatch.GetTimestamp();
            await run();
            return new Figures(
                Stopwatch.GetElapsedTime(startedAt),
                broker.Busy - busy,
                Environment.CpuUsage.TotalTime - cpu,
                GC.GetTotalAllocatedBytes(precise: true) - bytes);
        }
    }
}
