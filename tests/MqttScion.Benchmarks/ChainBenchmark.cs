using System.Diagnostics;
using MqttScion.Mqtt;
using MqttScion.Proxy.Tests.Support;

namespace MqttScion.Benchmarks;

/// <summary>
/// Round trip and rate through client → QUIC → SCION → proxy → mosquitto and back, beside the same engine over plain
/// TCP to the same mosquitto, alternating in one run.
/// </summary>
internal static class ChainBenchmark
{
    private const int Window = 256;

    public static async Task RunAsync(int roundTrips, int messages, int payloadBytes, int repetitions, string? only)
    {
        await using var broker = await Mosquitto.StartAsync("max_inflight_messages 0", "max_queued_messages 0");
        await using var world = await EmulatedWorld.StartAsync(broker.Address);
        Console.WriteLine(
            $"{roundTrips} round trips and {messages} messages of {payloadBytes} B, QoS 1, window {Window}; "
            + $"{repetitions} repetitions, median");
        var results = new List<(string Name, Figures Figures)>();
        for (var i = 0; i < repetitions; i++)
        {
            if (only != "tcp")
            {
                var id = $"scion{i}";
                results.Add(("SCION", await MeasureAsync(
                    id, name => ScionLink.ConnectAsync(Options(world, name)), roundTrips, messages, payloadBytes)));
            }
            if (only != "scion")
            {
                var id = $"tcp{i}";
                results.Add(("TCP", await MeasureAsync(
                    id,
                    name => TcpLink.ConnectAsync("127.0.0.1", broker.Port, name, Window),
                    roundTrips,
                    messages,
                    payloadBytes)));
            }
        }
        foreach (var name in results.Select(r => r.Name).Distinct())
        {
            Print(name == "SCION" ? "QUIC over SCION, via proxy" : "plain TCP", Median(results, name));
        }
        if (only is null)
        {
            var (scion, tcp) = (Median(results, "SCION"), Median(results, "TCP"));
            Console.WriteLine(
                $"ratio: round trip {scion.RoundTrip / tcp.RoundTrip:0.0} x, rate {scion.Rate / tcp.Rate:0.00} x");
        }
    }

    private static ScionMqttClientOptions Options(EmulatedWorld world, string clientId)
    {
        var options = world.ClientOptions(clientId);
        options.ReceiveMaximum = Window;
        return options;
    }

    private static async Task<Figures> MeasureAsync(
        string name,
        Func<string, Task<IMessageLink>> connect,
        int roundTrips,
        int messages,
        int payloadBytes)
    {
        await using var publisher = await connect($"{name}-publisher");
        await using var subscriber = await connect($"{name}-subscriber");
        var arrived = new SemaphoreSlim(0);
        await subscriber.SubscribeAsync(
            new MqttTopicFilter { Topic = name, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce },
            _ => arrived.Release());
        var message = new MqttApplicationMessageBuilder().WithTopic(name).WithPayload(new byte[payloadBytes])
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();

        var times = new double[roundTrips];
        for (var i = -roundTrips / 10; i < roundTrips; i++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            var publish = publisher.PublishAsync(message);
            await arrived.WaitAsync();
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(startedAt).TotalMicroseconds;
            }
            await publish;
        }
        Array.Sort(times);

        using var window = new SemaphoreSlim(Window);
        var cpu = Environment.CpuUsage.TotalTime;
        var rateStartedAt = Stopwatch.GetTimestamp();
        for (var i = 0; i < messages; i++)
        {
            await window.WaitAsync();
            _ = PublishAsync(publisher, message, window);
        }
        for (var i = 0; i < messages; i++)
        {
            await arrived.WaitAsync();
        }
        var rate = messages / Stopwatch.GetElapsedTime(rateStartedAt).TotalSeconds;
        var used = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / messages;
        return new Figures(times[roundTrips / 2], times[roundTrips * 99 / 100], rate, used);
    }

    private static async Task PublishAsync(IMessageLink link, MqttApplicationMessage message, SemaphoreSlim window)
    {
        await link.PublishAsync(message);
        window.Release();
    }

    private static Figures Median(List<(string Name, Figures Figures)> results, string name)
    {
        var figures = results.Where(r => r.Name == name).Select(r => r.Figures).ToArray();
        return new Figures(
            MedianOf(figures.Select(f => f.RoundTrip)),
            MedianOf(figures.Select(f => f.RoundTrip99)),
            MedianOf(figures.Select(f => f.Rate)),
            MedianOf(figures.Select(f => f.Cpu)));
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Print(string name, Figures figures) => Console.WriteLine(
        $"{name,-28} round trip p50 {figures.RoundTrip,7:0} µs  p99 {figures.RoundTrip99,7:0} µs  "
        + $"QoS 1 {figures.Rate,9:0} messages/s  {figures.Cpu,5:0.0} µs CPU a message without mosquitto's");

    private sealed record Figures(double RoundTrip, double RoundTrip99, double Rate, double Cpu);
}
