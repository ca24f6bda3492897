using System.CommandLine;
using System.Diagnostics;
using MqttScion.Quic;

namespace MqttScion.Benchmarks;

/// <summary>Bytes through one stream between two loops: pipe, QUIC, SCION headers, sockets of one AS on loopback.
/// </summary>
internal static class BulkBenchmark
{
    private const int WriteBytes = 64 * 1024;

    public static Command Command()
    {
        var mebibytes = new Option<int>("--mib") { Description = "Size.", DefaultValueFactory = _ => 200 };
        var repetitions = new Option<int>("--repetitions") { Description = "Runs.", DefaultValueFactory = _ => 5 };
        var command = new Command("bulk", "Bytes through one stream between two loops of one AS.")
        {
            mebibytes,
            repetitions,
        };
        command.SetAction((parse, _) => RunAsync(parse.GetValue(mebibytes), parse.GetValue(repetitions)));
        return command;
    }

    private static async Task RunAsync(int mebibytes, int repetitions)
    {
        var directory = StormLoops.CreateCertificates();
        using var serverTls = StormLoops.ServerTls(directory);
        using var clientTls = StormLoops.ClientTls(directory);
        Console.WriteLine($"{mebibytes} MiB on one stream; MB/s, and ms of processor time a MB, both ends");
        for (var i = 0; i < repetitions; i++)
        {
            var accepted = new TaskCompletionSource<ConnectionApplication>();
            await using var server = StormLoops.Start(
                serverTls,
                remote =>
                {
                    var application = new ConnectionApplication(new ConnectionApplicationOptions(remote));
                    accepted.SetResult(application);
                    return application;
                },
                new QuicOptions());
            await using var client = StormLoops.Client(clientTls);
            var sender = new ConnectionApplication(new ConnectionApplicationOptions(server.LocalEndPoint));
            StormLoops.Connect(client, server.LocalEndPoint, sender);
            await sender.Ready;
            var output = (await sender.OpenStreamAsync(bidirectional: true, default)).Output;
            var processorTime = Environment.CpuUsage.TotalTime;
            var startedAt = Stopwatch.GetTimestamp();
            var sending = SendAsync(output, mebibytes * 1024L * 1024);
            var receivedBytes = await ReceiveAsync((await (await accepted.Task).AcceptStreamAsync(default)).Input);
            await sending;
            var elapsed = Stopwatch.GetElapsedTime(startedAt);
            processorTime = Environment.CpuUsage.TotalTime - processorTime;
            Console.WriteLine(
                $"{receivedBytes / elapsed.TotalSeconds / 1e6,8:0.0} "
                + $"{processorTime.TotalMilliseconds / receivedBytes * 1e6,8:0.00}");
        }
        Directory.Delete(directory, recursive: true);
    }

    private static async Task SendAsync(System.IO.Pipelines.PipeWriter output, long bytes)
    {
        for (; bytes > 0; bytes -= WriteBytes)
        {
            output.GetSpan(WriteBytes)[..WriteBytes].Clear();
            output.Advance(WriteBytes);
            await output.FlushAsync();
        }
        await output.CompleteAsync();
    }

    private static async Task<long> ReceiveAsync(System.IO.Pipelines.PipeReader input)
    {
        for (var bytes = 0L; ;)
        {
            var read = await input.ReadAsync();
            bytes += read.Buffer.Length;
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return bytes;
        }
    }
}
