namespace MqttScion.Benchmarks;

/// <summary>What is in use now: on the managed heap after a full collection, and of malloc's memory.</summary>
internal readonly record struct MemoryFigure(long ManagedBytes, long NativeBytes)
{
    public static MemoryFigure Take()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        var managed = GC.GetTotalMemory(forceFullCollection: true);
        var native = MallocNative.GetState();
        return new MemoryFigure(managed, (long)(native.InUse + native.Mapped));
    }

    public static MemoryFigure operator -(MemoryFigure a, MemoryFigure b) =>
        new(a.ManagedBytes - b.ManagedBytes, a.NativeBytes - b.NativeBytes);

    public string PerConnection(int count) =>
        $"{ManagedBytes / (double)count,10:0} {NativeBytes / (double)count,10:0} "
        + $"{(ManagedBytes + NativeBytes) / (double)count,10:0}";
}
