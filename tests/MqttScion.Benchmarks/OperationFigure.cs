using System.Diagnostics;

namespace MqttScion.Benchmarks;

/// <summary>What one operation costs: time and allocated bytes, as the least and the median of many samples.</summary>
/// <param name="Name">The operation.</param>
/// <param name="LeastNanoseconds">The fastest sample, per operation.</param>
/// <param name="MedianNanoseconds">The median of the samples, per operation.</param>
/// <param name="AllocatedBytes">Bytes allocated per operation, over all samples.</param>
internal sealed record OperationFigure(
    string Name, double LeastNanoseconds, double MedianNanoseconds, double AllocatedBytes)
{
    private const int MaxSamples = 301;

    private static readonly TimeSpan SampleTime = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestRun = TimeSpan.FromMilliseconds(350);

    // The runtime compiles twice, each time after a tenth of a second without new methods, on a busy machine later.
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromMilliseconds(800);

    /// <summary>Measures; the samples are short, so that some of them are free of other processes.</summary>
    /// <param name="name">The operation.</param>
    /// <param name="repeat">Does the operation so many times, and returns something that depends on it.</param>
    /// <param name="restore">Undoes one operation; then each sample is one operation, and this is not counted.</param>
    public static OperationFigure Of(string name, Func<int, ulong> repeat, Action? restore = null)
    {
        var count = 1;
        for (var startedAt = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(startedAt) < WarmUpTime;)
        {
            var (elapsed, _) = Sample(repeat, count, restore);
            if (restore is null && elapsed < SampleTime)
                count *= 2;
        }
        var times = new List<double>(MaxSamples);
        var allocated = 0L;
        for (var startedAt = Stopwatch.GetTimestamp();
            times.Count < MaxSamples && Stopwatch.GetElapsedTime(startedAt) < LongestRun;)
        {
            var (elapsed, bytes) = Sample(repeat, count, restore);
            times.Add(elapsed.TotalNanoseconds / count);
            allocated += bytes;
        }
        times.Sort();
        return new OperationFigure(name, times[0], times[times.Count / 2], allocated / (double)count / times.Count);
    }

    private static (TimeSpan Elapsed, long AllocatedBytes) Sample(Func<int, ulong> repeat, int count, Action? restore)
    {
        var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        var startedAt = Stopwatch.GetTimestamp();
        var result = repeat(count);
        var elapsed = Stopwatch.GetElapsedTime(startedAt);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
        GC.KeepAlive(result); // So that nothing is left out as useless; what this allocates is counted no more.
        restore?.Invoke();
        return (elapsed, allocated);
    }
}
