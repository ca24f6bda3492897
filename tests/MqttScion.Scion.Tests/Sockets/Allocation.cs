namespace MqttScion.Scion.Tests;

/// <summary>What some work allocates on this thread.</summary>
internal static class Allocation
{
    private const int Runs = 5;

    /// <summary>The bytes that the cheapest of a few runs allocates, after one that is not counted.</summary>
    /// <remarks>A collection that another thread causes adds what was left of this thread's allocation context, up to
    /// 8 KiB, to a run.</remarks>
    internal static long Of(Action work)
    {
        work();
        var least = long.MaxValue;
        for (var run = 0; run < Runs; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
