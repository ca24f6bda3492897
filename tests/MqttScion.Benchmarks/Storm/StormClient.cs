using System.Diagnostics;
using MqttScion.Scion;

namespace MqttScion.Benchmarks;

/// <summary>A process that makes handshakes at a rate and closes each connection again.</summary>
internal static class StormClient
{
    public const string Mode = "handshake-storm-client";

    private const int MaxOpen = 64;

    /// <summary>Starts the process, with the least priority.</summary>
    public static Process Start(string server, string directory, int rate, int seconds) => ChildProcess.Start(
        Mode,
        ["--server", server, "--directory", directory, "--rate", $"{rate}", "--seconds", $"{seconds}"],
        isBackground: true);

    /// <summary>Runs the load; prints the median time of a handshake in microseconds, and how many failed.</summary>
    public static async Task RunAsync(string server, string directory, int rate, int seconds)
    {
        using var tls = StormLoops.ClientTls(directory);
        await using var loop = StormLoops.Client(tls);
        var target = ScionEndPoint.Parse(server);
        var open = 0;
        var failed = 0L;
        var times = new List<double>();
        var startedAt = Stopwatch.GetTimestamp();
        for (var started = 0L; Stopwatch.GetElapsedTime(startedAt).TotalSeconds < seconds;)
        {
            var due = (long)(Stopwatch.GetElapsedTime(startedAt).TotalSeconds * rate);
            for (; started < due; started++)
            {
                if (Volatile.Read(ref open) >= MaxOpen)
                    continue; // What the server does not take in time is not made up for.
                Interlocked.Increment(ref open);
                StormLoops.Connect(loop, target, new HandshakeOnlyApplication((_, confirmedAfter) =>
                {
                    Interlocked.Decrement(ref open);
                    if (confirmedAfter == TimeSpan.Zero)
                        failed++;
                    else
                        times.Add(confirmedAfter.TotalMicroseconds);
                }));
            }
            await Task.Delay(1);
        }
        await Task.Delay(300);
        await loop.DisposeAsync();
        times.Sort();
        Console.WriteLine($"{(times.Count == 0 ? 0 : times[times.Count / 2]):0} {failed}");
    }
}
