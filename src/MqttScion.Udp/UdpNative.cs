using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MqttScion.Udp;

/// <summary>The Linux system calls that the BCL has no allocation-free or precise form of.</summary>
internal static partial class UdpNative
{
    internal const short PollIn = 0x0001;

    private const int Interrupted = 4; // EINTR
    private const int Again = 11; // EAGAIN
    private const int MessageSize = 90; // EMSGSIZE
    private const int AddressNotAvailable = 99; // EADDRNOTAVAIL
    private const int NetworkUnreachable = 101; // ENETUNREACH
    private const int NoBuffers = 105; // ENOBUFS
    private const int ConnectionRefused = 111; // ECONNREFUSED
    private const int HostUnreachable = 113; // EHOSTUNREACH

    private const int DontWait = 0x40; // MSG_DONTWAIT
    private const int Truncate = 0x20; // MSG_TRUNC: the call returns the datagram's own length.
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL

    private const int EventFdNonBlocking = 0x800; // EFD_NONBLOCK
    private const int EventFdCloseOnExec = 0x80000; // EFD_CLOEXEC
    private const long NanosecondsPerTick = 100;

    // The error numbers and structures above and below are those of 64-bit Linux.
    internal static bool IsSupported { get; } = OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    internal static SafeFileHandle CreateEvent()
    {
        var descriptor = EventFd(0, EventFdNonBlocking | EventFdCloseOnExec);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new SocketException(Marshal.GetLastPInvokeError());
    }

    internal static unsafe void SetEvent(SafeFileHandle handle)
    {
        ulong one = 1;
        _ = Write(handle, (byte*)&one, sizeof(ulong));
    }

    internal static unsafe void ResetEvent(SafeFileHandle handle)
    {
        ulong count;
        _ = Read(handle, (byte*)&count, sizeof(ulong));
    }

    /// <summary>Waits until a descriptor is readable; true also when a signal ended the wait.</summary>
    internal static unsafe bool Poll(Span<PollDescriptor> descriptors, TimeSpan timeout)
    {
        var (seconds, ticks) = Math.DivRem(timeout.Ticks, TimeSpan.TicksPerSecond);
        var limit = new TimeSpec { Seconds = (nint)seconds, Nanoseconds = (nint)(ticks * NanosecondsPerTick) };
        fixed (PollDescriptor* first = descriptors)
            return PPoll(first, (nuint)descriptors.Length, timeout < TimeSpan.Zero ? null : &limit, null) != 0;
    }

    /// <summary>Receives one datagram; a length above the buffer's means that it was cut.</summary>
    /// <returns>The datagram's length, or -1: nothing is there; or -2: an earlier send failed, try again.</returns>
    internal static unsafe int Receive(SafeSocketHandle socket, Span<byte> buffer, out UdpAddress sender)
    {
        const int Nothing = -1;
        const int TryAgain = -2;
        byte* sockAddr = stackalloc byte[UdpAddress.MaxSockAddrLength];
        var sockAddrLength = UdpAddress.MaxSockAddrLength;
        sender = default;
        nint length;
        fixed (byte* bytes = buffer)
        {
            length = ReceiveFrom(
                socket, bytes, (nuint)buffer.Length, DontWait | Truncate, sockAddr, &sockAddrLength);
        }
        if (length < 0)
            return Marshal.GetLastPInvokeError() is Again ? Nothing : TryAgain;
        sockAddrLength = Math.Min(sockAddrLength, UdpAddress.MaxSockAddrLength);
        return UdpAddress.TryReadSockAddr(new ReadOnlySpan<byte>(sockAddr, sockAddrLength), out sender)
            ? (int)length
            : TryAgain;
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint Read(SafeFileHandle handle, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static unsafe partial nint Write(SafeFileHandle handle, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    private static unsafe partial int PPoll(
        PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    private static unsafe partial nint ReceiveFrom(
        SafeSocketHandle socket, byte* buffer, nuint length, int flags, byte* sockAddr, int* sockAddrLength);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct PollDescriptor
    {
        internal int Descriptor;
        internal short Events;
        internal short ReturnedEvents;
    }

    /// <summary><c>struct timespec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal nint Seconds;
        internal nint Nanoseconds;
    }
}
