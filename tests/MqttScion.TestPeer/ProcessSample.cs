using System.Diagnostics;

namespace MqttScion.TestPeer;

/// <summary>What a process holds at one moment.</summary>
/// <param name="HeapBytes">The managed heap after a full collection.</param>
/// <param name="ResidentBytes">The memory that is resident.</param>
/// <param name="Handles">How many file descriptors are open.</param>
/// <param name="Threads">How many threads run.</param>
/// <param name="Collections0">How many collections of generation 0 there were.</param>
/// <param name="Collections1">Of generation 1.</param>
/// <param name="Collections2">Of generation 2, those of the samples included.</param>
public sealed record ProcessSample(
    long HeapBytes,
    long ResidentBytes,
    int Handles,
    int Threads,
    int Collections0,
    int Collections1,
    int Collections2)
{
    public static ProcessSample Take()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var heapBytes = GC.GetTotalMemory(forceFullCollection: true);
        using var self = Process.GetCurrentProcess();
        return new ProcessSample(
            heapBytes,
            self.WorkingSet64,
            self.HandleCount,
            self.Threads.Count,
            GC.CollectionCount(0),
            GC.CollectionCount(1),
            GC.CollectionCount(2));
    }
}
