using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace MqttScion.QuicPerf;

/// <summary>
/// A scenario: contenders download in turns, so that whatever else the machine does hits all of them alike.
/// </summary>
/// <remarks>
/// With loss, each download goes through a relay of its own that drops what the number of the round decides: in a round
/// the datagrams that all contenders lose have the same places, and no round is like another. How long slow start goes
/// without a loss makes some rounds twice as fast as others, for all.
/// </remarks>
internal sealed class CompareBout(
    CompareScenario scenario, CompareFiles files, IReadOnlyList<Contender> contenders, Action<string> tell)
    : IAsyncDisposable
{
    private const long FirstRoundBytes = 16 << 20;
    private const long FirstRoundRelayedBytes = 1 << 20;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly List<ChildProcess> _processes = [];
    private readonly Dictionary<Contender, (ChildProcess Server, int Port)> _servers = [];

    /// <summary>Downloads in all rounds; the first round is not measured, and shorter.</summary>
    public async Task<CompareResult> RunAsync(CancellationToken cancellation)
    {
        var samples = contenders.ToDictionary(item => item, _ => new List<CompareSample>());
        foreach (var contender in contenders)
        {
            var server = contender.StartServer(out var port);
            _processes.Add(server);
            _servers.Add(contender, (server, port));
            var first = scenario.HasRelay ? FirstRoundRelayedBytes : FirstRoundBytes;
            var bytes = Math.Min(scenario.Bytes, first);
            await DownloadAsync(contender, bytes, round: 0, cancellation).ConfigureAwait(false);
        }
        for (var round = 1; round <= scenario.Rounds; round++)
        {
            foreach (var contender in contenders)
            {
                var sample = await DownloadAsync(contender, scenario.Bytes, round, cancellation).ConfigureAwait(false);
                samples[contender].Add(sample);
                tell(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{scenario.Name} {round}/{scenario.Rounds} {contender.Name} "
                    + $"{scenario.Bytes / 1e6 / sample.Seconds:F2} MB/s"));
            }
        }
        return new CompareResult(scenario, Compare(samples));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _processes.ForEach(item => item.Dispose());
        return ValueTask.CompletedTask;
    }

    private List<CompareFigures> Compare(Dictionary<Contender, List<CompareSample>> samples)
    {
        var all = contenders.Select(item => CompareFigures.Of(item.Name, scenario.Bytes, samples[item])).ToList();
        var ours = contenders.Select((item, index) => item is OurContender ? all[index] : null).FirstOrDefault(
            item => item is not null);
        return ours is null ? all : all.ConvertAll(item => item with
        {
            OursToThis = ours.Median / item.Median,
            CpuToOurs = item.CpuMsPerMb / ours.CpuMsPerMb,
        });
    }

    private ChildProcess StartRelay(int serverPort, int seed) => new(
        OurContender.Program,
        ["relay", "--to", $"127.0.0.1:{serverPort}", "--seed", $"{seed}",
            "--loss", scenario.LossPercent.ToString(CultureInfo.InvariantCulture),
            "--delay", scenario.DelayMs.ToString(CultureInfo.InvariantCulture)]);

    private async Task<CompareSample> DownloadAsync(
        Contender contender, long bytes, int round, CancellationToken cancellation)
    {
        var (server, port) = _servers[contender];
        // The links of both directions have neighbouring seeds.
        using var relay = scenario.HasRelay ? StartRelay(port, seed: 2 * round) : null;
        if (relay is not null)
            port = Contender.PortOf(relay.WaitFor("listening"));
        var folder = files.CreateFolder();
        var file = Path.Combine(folder, contender.FileNameOf(bytes));
        var ended = ChildProcess.EndedCpuTime;
        using var client = contender.StartClient(port, bytes, scenario.WarmupBytes, file);

        // The same clock for all: the file that a client writes, as it is seen from here.
        await WaitForLengthAsync(file, 1, client, cancellation).ConfigureAwait(false);
        var start = Stopwatch.GetTimestamp();
        var (serverBefore, clientBefore) = (server.CpuTime, client.CpuTime);
        await WaitForLengthAsync(file, bytes, client, cancellation).ConfigureAwait(false);
        var elapsed = Stopwatch.GetElapsedTime(start);
        var (serverAfter, clientAfter) = (server.CpuTime, client.CpuTime);

        await client.WaitForExitAsync(cancellation).WaitAsync(EndLimit, cancellation).ConfigureAwait(false);
        if (client.ExitCode != 0)
            throw new IOException($"The client of {contender.Name} failed: {client.Output}");
        // A client that ended at once is counted as a whole.
        var clientTime = (clientAfter ?? ChildProcess.EndedCpuTime - ended) - (clientBefore ?? TimeSpan.Zero);
        if (serverAfter - serverBefore is not { } serverTime)
            throw new IOException($"The server of {contender.Name} ended: {server.Output}");
        await CheckAsync(contender, file, bytes, cancellation).ConfigureAwait(false);
        Directory.Delete(folder, recursive: true);
        return new CompareSample(elapsed.TotalSeconds, serverTime.TotalSeconds, clientTime.TotalSeconds);
    }

    private static async Task WaitForLengthAsync(
        string file, long length, ChildProcess client, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        while (LengthOf(file) is var now && now < length)
        {
            if (client.HasExited && LengthOf(file) < length)
                throw new IOException($"The client ended at {now} bytes of {length}: {client.Output}");
            if (Stopwatch.GetElapsedTime(start) > Limit)
                throw new TimeoutException($"It took too long: {now} bytes of {length}. {client.Output}");
            await Task.Delay(PollInterval, cancellation).ConfigureAwait(false);
        }
    }

    private static long LengthOf(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;

    private async Task CheckAsync(Contender contender, string file, long bytes, CancellationToken cancellation)
    {
        using var content = File.OpenRead(file);
        var hash = await SHA256.HashDataAsync(content, cancellation).ConfigureAwait(false);
        if (!hash.AsSpan().SequenceEqual(files.HashOf(bytes)))
            throw new IOException($"{contender.Name} delivered {content.Length} bytes with another SHA-256.");
    }
}
