using System.CommandLine;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using MqttScion.Quic;

namespace MqttScion.Benchmarks;

/// <summary>What handshakes do to the data of a connection that is established on the same loop.</summary>
/// <remarks>
/// The server and the established connection are in this process, the load in another of the least priority, all on
/// the same cores: compare the lines of one run with each other.
/// </remarks>
internal static class HandshakeStormBenchmark
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);

    public static IEnumerable<Command> Commands()
    {
        var rates = new Option<int[]>("--rates")
        {
            Description = "Handshakes a second.",
            DefaultValueFactory = _ => [0, 200, 500, 2000],
            AllowMultipleArgumentsPerToken = true,
        };
        var seconds = new Option<int>("--seconds") { Description = "Length of a run.", DefaultValueFactory = _ => 5 };
        var workers = new Option<int[]>("--workers")
        {
            Description = "Threads that compute TLS; 0 computes on the loop.",
            DefaultValueFactory = _ => [0, 1],
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("handshake-storm", "The latency of data while other clients do their handshakes.")
        {
            rates,
            seconds,
            workers,
        };
        command.SetAction((parse, _) => RunAsync(
            parse.GetValue(rates)!, parse.GetValue(workers)!, parse.GetValue(seconds)));
        yield return command;

        var server = new Option<string>("--server") { Required = true };
        var directory = new Option<string>("--directory") { Required = true };
        var rate = new Option<int>("--rate") { Required = true };
        var client = new Command(StormClient.Mode, "The load of handshake-storm.")
        {
            server,
            directory,
            rate,
            seconds,
        };
        client.SetAction((parse, _) => StormClient.RunAsync(
            parse.GetValue(server)!, parse.GetValue(directory)!, parse.GetValue(rate), parse.GetValue(seconds)));
        yield return client;
    }

    private static async Task RunAsync(int[] rates, int[] workers, int seconds)
    {
        var directory = StormLoops.CreateCertificates();
        await SinglesAsync(directory, workers);
        Console.WriteLine(
            $"64 B there and back every {Interval.TotalMilliseconds:0} ms for {seconds} s, beside handshakes; µs");
        Console.WriteLine("workers    asked/s  handshakes/s  median  failed |     p50     p99   p99.9      max");
        foreach (var rate in rates)
        {
            foreach (var count in workers)
                await MeasureAsync(directory, rate, count, seconds);
        }
        Directory.Delete(directory, recursive: true);
    }

    // One handshake at a time, nothing else to do: what handing its steps to and fro costs it.
    private static async Task SinglesAsync(string directory, int[] workers)
    {
        const int rounds = 500;
        var times = new List<double>[workers.Length];
        using var serverTls = StormLoops.ServerTls(directory);
        using var clientTls = StormLoops.ClientTls(directory);
        await using var client = StormLoops.Client(clientTls);
        var threads = workers.Select(count => count == 0 ? null : new HandshakeWorkers(count, 1000)).ToArray();
        var servers = threads
            .Select(thread => StormLoops.Start(
                serverTls, _ => new EchoApplication(new StrongBox<long>()), new QuicOptions(), thread))
            .ToArray();
        for (var round = -rounds; round < rounds; round++)
        {
            for (var i = 0; i < servers.Length; i++)
            {
                var over = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
                var application = new HandshakeOnlyApplication((_, confirmedAfter) => over.SetResult(confirmedAfter));
                StormLoops.Connect(client, servers[i].LocalEndPoint, application);
                var time = await over.Task;
                (times[i] ??= []).Add(round < 0 ? double.MaxValue : time.TotalMicroseconds);
            }
        }
        Console.WriteLine($"one handshake at a time, {rounds} of each in turn; µs until the client knows it confirmed");
        for (var i = 0; i < servers.Length; i++)
        {
            times[i].Sort();
            Console.WriteLine(
                $"workers {workers[i]}: p10 {times[i][rounds / 10]:0}  p50 {times[i][rounds / 2]:0}  "
                + $"p90 {times[i][rounds * 9 / 10]:0}");
            await servers[i].DisposeAsync();
            threads[i]?.Dispose();
        }
    }

    private static async Task MeasureAsync(string directory, int rate, int workerCount, int seconds)
    {
        using var serverTls = StormLoops.ServerTls(directory);
        using var clientTls = StormLoops.ClientTls(directory);
        using var workers = workerCount == 0 ? null : new HandshakeWorkers(workerCount, capacity: 1000);
        var confirmed = new StrongBox<long>();
        await using var server = StormLoops.Start(
            serverTls,
            _ => new EchoApplication(confirmed),
            new QuicOptions { RetryAboveHandshakes = int.MaxValue },
            workers);
        await using var client = StormLoops.Client(clientTls);
        var paced = new PacedApplication(Interval);
        StormLoops.Connect(client, server.LocalEndPoint, paced);
        await paced.Ready.Task;
        // The first seconds compile and warm up.
        using var load = rate == 0
            ? null
            : StormClient.Start(server.LocalEndPoint.ToString(), directory, rate, seconds + 4);
        await Task.Delay(TimeSpan.FromSeconds(3));
        await paced.TakeAsync();
        var confirmedBefore = Volatile.Read(ref confirmed.Value);
        var startedAt = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var perSecond = (Volatile.Read(ref confirmed.Value) - confirmedBefore)
            / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        var times = await paced.TakeAsync();
        var told = load is null ? "0 0" : (await load.StandardOutput.ReadToEndAsync()).Trim();
        Array.Sort(times);
        Console.WriteLine(
            $"{workerCount,7} {rate,10} {perSecond,13:0} {told.Split(' ')[0],7} {told.Split(' ')[^1],7} |"
            + $"{At(times, 0.5),8:0}{At(times, 0.99),8:0}{At(times, 0.999),8:0}{At(times, 1),9:0}");
    }

    private static double At(double[] sorted, double part) =>
        sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * part))];
}
