using System.Runtime.InteropServices;

namespace MqttScion.QuicPerf;

/// <summary>The CPU time of a thread, which the base class library has only for a process.</summary>
internal static partial class ClockNative
{
    private const int ThreadCpuClock = 3; // CLOCK_THREAD_CPUTIME_ID
    private const long NanosecondsPerTick = 100;

    /// <summary>What the calling thread used so far; zero where the system doesn't tell.</summary>
    public static TimeSpan ThreadTime =>
        OperatingSystem.IsLinux() && GetTime(ThreadCpuClock, out var time) == 0
            ? new TimeSpan(time.Seconds * TimeSpan.TicksPerSecond + time.Nanoseconds / NanosecondsPerTick)
            : TimeSpan.Zero;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    /// <summary><c>struct timespec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal nint Seconds;
        internal nint Nanoseconds;
    }
}
