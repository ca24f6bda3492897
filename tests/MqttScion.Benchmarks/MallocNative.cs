using System.Runtime.InteropServices;

namespace MqttScion.Benchmarks;

/// <summary>What glibc's malloc has given out, which the runtime does not count.</summary>
internal static partial class MallocNative
{
    /// <summary>The figures of all arenas now.</summary>
    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    public static partial State GetState();

    /// <summary>struct mallinfo2 of glibc 2.33 and later; sizes in bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct State
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
