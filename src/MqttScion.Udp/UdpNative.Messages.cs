using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MqttScion.Udp;

/// <content>Many datagrams a call, and what travels beside a datagram: ECN, segment sizes.</content>
internal static unsafe partial class UdpNative
{
    internal const int IpLevel = 0; // IPPROTO_IP
    internal const int IpReceiveTrafficClass = 13; // IP_RECVTOS
    internal const int IPv6Level = 41; // IPPROTO_IPV6
    internal const int IPv6MtuDiscover = 23; // IPV6_MTU_DISCOVER
    internal const int DoDiscoverMtu = 2; // IPV6_PMTUDISC_DO
    internal const int IPv6DontFragment = 62; // IPV6_DONTFRAG
    internal const int IPv6ReceiveTrafficClass = 66; // IPV6_RECVTCLASS
    internal const int SocketLevel = 1; // SOL_SOCKET
    internal const int SendBufferForce = 32; // SO_SNDBUFFORCE
    internal const int ReceiveBufferForce = 33; // SO_RCVBUFFORCE
    internal const int UdpLevel = 17; // SOL_UDP
    internal const int UdpSegment = 103; // UDP_SEGMENT
    internal const int UdpCoalesce = 104; // UDP_GRO

    /// <summary>The most datagrams that the kernel cuts one buffer into.</summary>
    internal const int MaxSegments = 64;

    private const int IOError = 5; // EIO
    private const int InvalidArgument = 22; // EINVAL
    private const int NotImplemented = 38; // ENOSYS
    private const int NoProtocolOption = 92; // ENOPROTOOPT

    private const int IpTrafficClass = 1; // IP_TOS
    private const int IPv6TrafficClass = 67; // IPV6_TCLASS
    private const int EcnMask = 0b11;

    private const int ControlHeaderBytes = 16; // sizeof(struct cmsghdr)
    private const int ControlSpace = ControlHeaderBytes + 8; // CMSG_SPACE of all that we use: at most an int each.
    private const int SendControlBytes = 2 * ControlSpace;
    private const int ReceiveControlBytes = 3 * ControlSpace;

    /// <summary>Sends one datagram, or cuts a buffer into datagrams of one size in the kernel.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">The datagram, or several of them.</param>
    /// <param name="segmentSize">The size of each datagram but the last; 0 for a single one.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="ecn">The ECN field.</param>
    /// <returns>0, or the error number.</returns>
    internal static int Send(
        SafeSocketHandle socket, ReadOnlySpan<byte> bytes, int segmentSize, in UdpAddress destination, UdpEcn ecn)
    {
        byte* room = stackalloc byte[UdpAddress.MaxSockAddrLength + SendControlBytes + sizeof(ulong)];
        var header = WriteSendHeader(room, destination, ecn, segmentSize);
        fixed (byte* first = bytes)
        {
            var vector = new IoVector { Base = first, Length = (nuint)bytes.Length };
            header.Vectors = &vector;
            return SendMsg(socket, &header, DontWait | NoSignal) >= 0 ? 0 : Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Sends at most <see cref="MaxSegments"/> datagrams of one size, the last may be shorter.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="segments">The datagrams, back to back.</param>
    /// <param name="segmentSize">The size of each in bytes.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="ecn">The ECN field.</param>
    /// <param name="sentCount">The number of datagrams sent.</param>
    /// <returns>0, or the error number of the first datagram that was not sent.</returns>
    internal static int SendMany(
        SafeSocketHandle socket,
        ReadOnlySpan<byte> segments,
        int segmentSize,
        in UdpAddress destination,
        UdpEcn ecn,
        out int sentCount)
    {
        var count = (segments.Length + segmentSize - 1) / segmentSize;
        Debug.Assert(count <= MaxSegments, "A chunk of a flight has at most so many segments.");
        byte* room = stackalloc byte[UdpAddress.MaxSockAddrLength + SendControlBytes + sizeof(ulong)];
        var header = WriteSendHeader(room, destination, ecn, segmentSize: 0);
        var vectors = stackalloc IoVector[count];
        var headers = stackalloc ManyHeader[count];
        sentCount = 0;
        fixed (byte* first = segments)
        {
            for (var i = 0; i < count; i++)
            {
                var offset = i * segmentSize;
                vectors[i].Base = first + offset;
                vectors[i].Length = (nuint)Math.Min(segmentSize, segments.Length - offset);
                headers[i].Header = header;
                headers[i].Header.Vectors = &vectors[i];
            }
            while (sentCount < count)
            {
                // Stops at the first datagram that fails and tells why only when that is the first of a call.
                var sent = SendMmsg(socket, headers + sentCount, (uint)(count - sentCount), DontWait | NoSignal);
                if (sent < 0)
                    return Marshal.GetLastPInvokeError();
                sentCount += sent;
            }
        }
        return 0;
    }

    /// <summary>True for an answer that can mean: this kernel, or this device, doesn't segment.</summary>
    internal static bool IsRefusalToSegment(int error) =>
        error is IOError or InvalidArgument or NoProtocolOption;

    /// <summary>True when the kernel has no such call.</summary>
    internal static bool IsMissingCall(int error) => error is NotImplemented;

    /// <summary>What an error number means for the datagram.</summary>
    internal static UdpSendResult ToSendResult(int error) => error switch
    {
        0 => UdpSendResult.Sent,
        Again or NoBuffers or Interrupted => UdpSendResult.WouldBlock,
        MessageSize => UdpSendResult.TooLarge,
        ConnectionRefused or NetworkUnreachable or HostUnreachable or AddressNotAvailable
            => UdpSendResult.Unreachable,
        _ => UdpSendResult.Failed,
    };

    private static MessageHeader WriteSendHeader(byte* room, in UdpAddress destination, UdpEcn ecn, int segmentSize)
    {
        var nameLength = destination.WriteSockAddr(new Span<byte>(room, UdpAddress.MaxSockAddrLength));
        var control = (byte*)(((nuint)room + UdpAddress.MaxSockAddrLength + 7) & ~(nuint)7);
        var controlLength = 0;
        if (ecn != UdpEcn.NotEct)
        {
            var (level, type) = destination.Family == AddressFamily.InterNetwork
                ? (IpLevel, IpTrafficClass)
                : (IPv6Level, IPv6TrafficClass);
            *(int*)WriteControl(control, level, type, sizeof(int)) = (int)ecn;
            controlLength = ControlSpace;
        }
        if (segmentSize > 0)
        {
            *(ushort*)WriteControl(control + controlLength, UdpLevel, UdpSegment, sizeof(ushort)) = (ushort)segmentSize;
            controlLength += ControlSpace;
        }
        return new MessageHeader
        {
            Name = room,
            NameLength = (uint)nameLength,
            VectorCount = 1,
            Control = controlLength == 0 ? null : control,
            ControlLength = (nuint)controlLength,
        };
    }

    private static byte* WriteControl(byte* control, int level, int type, int dataLength)
    {
        *(nuint*)control = (nuint)(ControlHeaderBytes + dataLength);
        *(int*)(control + 8) = level;
        *(int*)(control + 12) = type;
        *(ulong*)(control + ControlHeaderBytes) = 0;
        return control + ControlHeaderBytes;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMsg(SafeSocketHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMmsg(SafeSocketHandle socket, ManyHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    private static partial int ReceiveMmsg(
        SafeSocketHandle socket, ManyHeader* messages, uint count, int flags, TimeSpec* timeout);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        internal byte* Name;
        internal uint NameLength;
        internal IoVector* Vectors;
        internal nuint VectorCount;
        internal byte* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary><c>struct mmsghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ManyHeader
    {
        internal MessageHeader Header;
        internal uint Length;
    }
}
