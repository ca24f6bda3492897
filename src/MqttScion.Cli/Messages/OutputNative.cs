using System.Runtime.InteropServices;

namespace MqttScion.Cli;

/// <summary>The calls for a standard output whose end is to be noticed: the console's stream keeps it to itself.
/// </summary>
internal static partial class OutputNative
{
    private const int StandardOutput = 1;
    private const int Interrupted = 4; // EINTR
    private const int Again = 11; // EAGAIN
    private const int BrokenPipe = 32; // EPIPE
    private const short PollOut = 0x4;
    private const short PollGone = 0x8 | 0x10 | 0x20; // POLLERR, POLLHUP, POLLNVAL
    private const int RetryMilliseconds = 100;

    // The numbers above are those of Linux.
    internal static bool IsSupported { get; } = OperatingSystem.IsLinux();

    /// <summary>True when nobody can read any more what is written: the other end of the pipe is closed.</summary>
    internal static bool IsGone()
    {
        var descriptor = new PollDescriptor { Descriptor = StandardOutput };
        return Poll(ref descriptor, 1, 0) > 0 && (descriptor.Returned & PollGone) != 0;
    }

    /// <summary>Writes all bytes; false when nobody reads them.</summary>
    /// <exception cref="IOException">They can't be written for another reason.</exception>
    internal static unsafe bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint count;
            fixed (byte* first = bytes)
            {
                count = Write(StandardOutput, first, bytes.Length);
            }
            if (count >= 0)
            {
                bytes = bytes[(int)count..];
                continue;
            }
            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case Again:
                    // Somebody has made it non-blocking.
                    var descriptor = new PollDescriptor { Descriptor = StandardOutput, Wanted = PollOut };
                    _ = Poll(ref descriptor, 1, RetryMilliseconds);
                    break;
                case BrokenPipe:
                    return false;
                default:
                    throw new IOException(
                        "The standard output can't be written: " + Marshal.GetLastPInvokeErrorMessage());
            }
        }
        return true;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(int descriptor, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Returned;
    }
}
