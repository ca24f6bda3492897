using System.Runtime.InteropServices;

namespace MqttScion.Benchmarks;

/// <summary>What is in use now: on the managed heap after a full collection, and of malloc's memory.</summary>
internal readonly partial record struct MemoryFigure(long ManagedBytes, long NativeBytes)
{
    public static MemoryFigure Take()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        var native = GetMallocState();
        return new MemoryFigure(managed, (long)(native.InUse + native.Mapped));
    }

    public static MemoryFigure operator -(MemoryFigure a, MemoryFigure b) =>
        new(a.ManagedBytes - b.ManagedBytes, a.NativeBytes - b.NativeBytes);

    public string PerConnection(int count) =>
        $"{ManagedBytes / (double)count,10:0} {NativeBytes / (double)count,10:0} "
        + $"{(ManagedBytes + NativeBytes) / (double)count,10:0}";

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocState GetMallocState();

    /// <summary>struct mallinfo2 of glibc 2.33 and later.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct MallocState
    {
        public readonly nuint Arena;
        public readonly nuint FreeChunks;
        public readonly nuint FastChunks;
        public readonly nuint MappedCount;
        public readonly nuint Mapped;
        public readonly nuint Unused;
        public readonly nuint FastFree;
        public readonly nuint InUse;
        public readonly nuint Free;
        public readonly nuint Top;
    }
}
