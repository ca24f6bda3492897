using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace MqttScion.Simulation;

/// <summary>Runs the worlds of many seeds, or of one again.</summary>
internal static class SeedRun
{
    private const int MaxReports = 20;

    /// <summary>Runs one seed, twice, and tells what came of it; gives 1 when something did not hold.</summary>
    public static int Replay(ulong seed, bool traces, TextWriter output)
    {
        try
        {
            var result = World.Run(seed, traces ? output : null);
            var again = World.Run(seed);
            output.WriteLine($"seed {seed}: {result}");
            if (again.TraceHash == result.TraceHash)
                return 0;
            output.WriteLine($"seed {seed}: the second run gave {again.TraceHash}");
        }
        catch (InvalidOperationException e)
        {
            output.WriteLine(e.Message);
            output.WriteLine(e.InnerException);
        }

        return 1;
    }

    /// <summary>
    /// Runs seeds in a row, on some threads; the last line has the number of seeds and their rate. The exit code is 1
    /// when something did not hold.
    /// </summary>
    public static int RunMany(ulong first, int count, int threads, bool keepsGoing, TextWriter output)
    {
        var failures = new ConcurrentQueue<string>();
        var outcomes = new ConcurrentDictionary<string, int>();
        var (done, datagrams, isHalted) = (0, 0L, false);
        var startedAt = Stopwatch.GetTimestamp();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, (index, loop) =>
        {
            try
            {
                var result = World.Run(first + (ulong)index);
                Interlocked.Add(ref datagrams, result.Datagrams);
                outcomes.AddOrUpdate(result.Outcome, 1, static (_, before) => before + 1);
            }
            catch (InvalidOperationException e)
            {
                failures.Enqueue(e.Message);
                if (!keepsGoing)
                {
                    isHalted = true;
                    loop.Stop();
                }
            }

            Interlocked.Increment(ref done);
        });
        foreach (var failure in failures.Take(MaxReports))
            output.WriteLine(failure);
        foreach (var (outcome, number) in outcomes.OrderByDescending(static item => item.Value))
            output.WriteLine($"  {number,8} {outcome}");
        var seconds = Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"simulation: {done} seeds from {first}{(isHalted ? ", halted" : "")}, {failures.Count} failed, " +
            $"{seconds:0.0} s, {done / seconds:0} seeds/s, {datagrams / seconds:0} datagrams/s"));
        return failures.IsEmpty ? 0 : 1;
    }
}
