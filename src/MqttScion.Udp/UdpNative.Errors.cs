using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MqttScion.Udp;

/// <content>The queue of ICMP errors about what a socket has sent (<c>IP_RECVERR</c>).</content>
internal static unsafe partial class UdpNative
{
    internal const int IpReceiveErrors = 11; // IP_RECVERR
    internal const int IPv6ReceiveErrors = 25; // IPV6_RECVERR

    private const int ErrorQueue = 0x2000; // MSG_ERRQUEUE
    private const int ExtendedErrorBytes = 16; // sizeof(struct sock_extended_err)
    private const int ErrorControlBytes = 512;
    private const byte OriginIcmp = 2, OriginIcmp6 = 3; // SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6

    /// <summary>Takes the next entry of a socket's error queue.</summary>
    /// <param name="socket">The socket; it asks for errors.</param>
    /// <param name="destination">Where the datagram was sent that the error is about.</param>
    /// <param name="error">What ICMP says; null for an error of another kind.</param>
    /// <returns>False when the queue is empty.</returns>
    internal static bool TryTakeError(SafeSocketHandle socket, out UdpAddress destination, out UdpUnreachable? error)
    {
        (destination, error) = (default, null);
        byte* name = stackalloc byte[UdpAddress.MaxSockAddrLength];
        var control = stackalloc ulong[ErrorControlBytes / sizeof(ulong)];
        var header = new MessageHeader
        {
            Name = name,
            NameLength = UdpAddress.MaxSockAddrLength,
            Control = (byte*)control,
            ControlLength = ErrorControlBytes,
        };
        if (ReceiveMsg(socket, &header, DontWait | ErrorQueue) < 0)
            return false;
        var nameLength = (int)Math.Min(header.NameLength, UdpAddress.MaxSockAddrLength);
        if (UdpAddress.TryReadSockAddr(new ReadOnlySpan<byte>(name, nameLength), out destination))
        {
            error = FindError(new ReadOnlySpan<byte>(
                header.Control, (int)Math.Min(header.ControlLength, ErrorControlBytes)));
        }
        return true;
    }

    private static UdpUnreachable? FindError(ReadOnlySpan<byte> control)
    {
        while (control.Length > ControlHeaderBytes)
        {
            var length = (int)Math.Min(MemoryMarshal.Read<nuint>(control), (nuint)control.Length);
            if (length <= ControlHeaderBytes)
                return null;
            var value = control[ControlHeaderBytes..length];
            if ((MemoryMarshal.Read<int>(control[8..]), MemoryMarshal.Read<int>(control[12..]))
                is (IpLevel, IpReceiveErrors) or (IPv6Level, IPv6ReceiveErrors)
                && value.Length >= ExtendedErrorBytes)
            {
                return value[4] is OriginIcmp or OriginIcmp6 ? Meaning(MemoryMarshal.Read<int>(value)) : null;
            }
            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }
        return null;
    }

    private static UdpUnreachable? Meaning(int error) => error switch
    {
        ConnectionRefused => UdpUnreachable.Port,
        HostUnreachable => UdpUnreachable.Host,
        NetworkUnreachable => UdpUnreachable.Network,
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMsg(SafeSocketHandle socket, MessageHeader* message, int flags);
}
