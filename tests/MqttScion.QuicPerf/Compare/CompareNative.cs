using System.Runtime.InteropServices;

namespace MqttScion.QuicPerf;

/// <summary>What only the system's C library tells.</summary>
internal static partial class CompareNative
{
    private const int EndedChildren = -1; // RUSAGE_CHILDREN

    /// <summary>The user and system time of all child processes that ended and were waited for.</summary>
    public static TimeSpan CpuTimeOfEndedChildren() =>
        GetUsage(EndedChildren, out var usage) == 0
            ? usage.User.ToTimeSpan() + usage.System.ToTimeSpan()
            : throw new PlatformNotSupportedException($"getrusage: error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetUsage(int who, out Usage usage);

    /// <summary><c>struct timeval</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        internal nint Seconds;
        internal nint Microseconds;

        internal readonly TimeSpan ToTimeSpan() =>
            TimeSpan.FromSeconds(Seconds) + TimeSpan.FromMicroseconds(Microseconds);
    }

    /// <summary><c>struct rusage</c>; fourteen more counters follow the times.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Usage
    {
        internal TimeValue User;
        internal TimeValue System;
        internal fixed long Counters[14];
    }
}
